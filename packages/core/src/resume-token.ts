import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto';
import { asSessionId, RoomName, type SessionId, SignalError } from '@manycast/protocol';

/** What a resume token says: which session of which room, and the attachment it was given to. */
export interface TokenClaims {
  room: RoomName;
  session: SessionId;
  epoch: number;
}

/** Signs and reads resume tokens: `base64url(JSON).base64url(HMAC-SHA256)`. Every node of a cluster has the same secret. */
export class ResumeTokens {
  private readonly key: KeyObject;

  constructor(secret: string) {
    this.key = createSecretKey(secret, 'utf8');
  }

  sign({ room, session, epoch }: TokenClaims): string {
    const body = Buffer.from(JSON.stringify([1, room, session, epoch])).toString('base64url');
    return `${body}.${this.signature(body)}`;
  }

  /** Throws SignalError `bad-token`. */
  verify(token: string): TokenClaims {
    const [body = '', signature = ''] = token.split('.');
    const [given, expected] = [Buffer.from(signature), Buffer.from(this.signature(body))];
    if (given.length !== expected.length || !timingSafeEqual(given, expected))
      throw new SignalError('bad-token');
    const [version, room, session, epoch] = JSON.parse(
      Buffer.from(body, 'base64url').toString(),
    ) as unknown[];
    if (version !== 1 || typeof session !== 'string' || typeof epoch !== 'number')
      throw new SignalError('bad-token');
    return { room: RoomName.parse(room), session: asSessionId(session), epoch };
  }

  private signature(body: string): string {
    return createHmac('sha256', this.key).update(body).digest('base64url');
  }
}
