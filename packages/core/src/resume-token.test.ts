import { asSessionId, RoomName } from '@manycast/protocol';
import { expect, it } from 'vitest';
import { ResumeTokens } from './resume-token.js';

const claims = { room: RoomName.parse('room'), session: asSessionId('session'), epoch: 3 };
const tokens = new ResumeTokens('a secret of this cluster');

it('says what it was signed with', () => {
  expect(tokens.verify(tokens.sign(claims))).toEqual(claims);
});

it('is refused when forged, cut, changed or of another cluster', () => {
  const token = tokens.sign(claims);
  const [, signature] = token.split('.');
  const changed = Buffer.from(JSON.stringify([1, 'other', 'session', 3])).toString('base64url');
  const foreign = new ResumeTokens('another secret').sign(claims);
  for (const bad of ['', '.', 'a.b', token.slice(0, -1), `${changed}.${signature}`, foreign, `${token}x`]) {
    expect(() => tokens.verify(bad)).toThrow(expect.objectContaining({ code: 'bad-token' }));
  }
});
