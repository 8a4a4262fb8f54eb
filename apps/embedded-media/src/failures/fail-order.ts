/**
 * What a test can order of this server: one word, some with a number of milliseconds.
 *
 *   silent     takes sockets and requests, answers nothing and tells nothing; requests wait until it is well
 *   slow=MS    begins each request that much later
 *   full       refuses to create anything (40009), whatever its resources are
 *   drop       ends every control socket without a goodbye
 *   drop=MS    likewise, and takes no new one for that long
 *   restart    comes back at once under the same address and another `serverId`: every object and session is gone
 *   well       none of it any more
 */
export type FailOrder =
  | { kind: 'silent' | 'full' | 'restart' | 'well' }
  | { kind: 'slow'; byMs: number }
  | { kind: 'drop'; forMs: number };

const maxMs = 3_600_000;
const orders = 'silent, slow=MS, full, drop, drop=MS, restart, well';

/** Throws an Error that says what there is. */
export function parseFailOrder(text: string): FailOrder {
  const [, kind = '', number] = /^([a-z]+)(?:=(\d{1,7}))?$/.exec(text.trim()) ?? [];
  const ms = number === undefined ? undefined : Number(number);
  if (ms !== undefined && ms > maxMs) throw new Error(`${text}: at most ${maxMs} ms`);
  switch (kind) {
    case 'silent':
    case 'full':
    case 'restart':
    case 'well':
      if (ms === undefined) return { kind };
      break;
    case 'slow':
      if (ms !== undefined) return { kind, byMs: ms };
      break;
    case 'drop':
      return { kind, forMs: ms ?? 0 };
  }
  throw new Error(`no such order: ${text.trim().slice(0, 40) || 'nothing'}; there are ${orders}`);
}
