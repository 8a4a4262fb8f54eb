import { createHash, timingSafeEqual } from 'node:crypto';

/** Who asks. `write` includes `read`. */
export interface Caller {
  /** As the tokens' file calls it; for the audit log. */
  name: string;
  role: 'read' | 'write';
}

interface Holder extends Caller {
  digest: Buffer;
}

/** A token is found by its digest, in a time that says nothing of the tokens that there are. */
export class Callers {
  private constructor(private readonly holders: readonly Holder[]) {}

  /**
   * One line each: role (`read`, `write`), name, token; blank lines and those that begin with `#` do not count.
   * Returns every problem, none of which repeats a token.
   */
  static parse(text: string): { callers: Callers; problems: string[] } {
    const problems: string[] = [];
    const holders: Holder[] = [];
    for (const [index, line] of text.split('\n').entries()) {
      if (line.trim() === '' || line.trimStart().startsWith('#')) continue;
      const [role = '', name = '', token = '', ...more] = line.trim().split(/\s+/);
      const place = `line ${index + 1}`;
      if (role !== 'read' && role !== 'write') problems.push(`${place}: begins with read or write`);
      else if (!/^[\w.@-]{1,64}$/.test(name))
        problems.push(`${place}: the name must be 1-64 characters of A-Z a-z 0-9 _ . @ -`);
      else if (token.length < minTokenLength || more.length > 0)
        problems.push(`${place}: ends with one token of at least ${minTokenLength} characters`);
      else if (holders.some(holder => timingSafeEqual(holder.digest, digestOf(token))))
        problems.push(`${place}: has the token of an earlier line`);
      else holders.push({ role, name, digest: digestOf(token) });
    }
    if (problems.length === 0 && holders.length === 0) problems.push('names nobody');
    return { callers: new Callers(holders), problems };
  }

  /** Looks at all of them, whichever it is. */
  find(token: string): Caller | undefined {
    const digest = digestOf(token);
    let found: Caller | undefined;
    for (const { digest: own, name, role } of this.holders) {
      if (timingSafeEqual(own, digest)) found = { name, role };
    }
    return found;
  }
}

const minTokenLength = 16;
const digestOf = (token: string): Buffer => createHash('sha256').update(token).digest();
