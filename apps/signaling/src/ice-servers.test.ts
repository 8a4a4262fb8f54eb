import { describe, expect, it } from 'vitest';
import { IceServers } from './ice-servers.js';

describe('ICE servers', () => {
  const settings = {
    stunUrls: [],
    turnUrls: ['turn:turn.example:3478'],
    turnSecret: 'north',
    turnTtlMs: 3_600_000,
  };

  it('of TURN have a name that ends, and the password that coturn works out of it', () => {
    // openssl: printf 1767229200:session-1 | openssl dgst -sha1 -hmac north -binary | base64
    expect(new IceServers(settings).mint('session-1', Date.UTC(2026, 0, 1, 0, 0, 0))).toEqual([
      {
        urls: ['turn:turn.example:3478'],
        username: '1767229200:session-1',
        credential: expect.stringMatching(/^[A-Za-z0-9+/]{27}=$/),
      },
    ]);
  });

  it('are those that are configured: STUN alone has no credentials, none are none', () => {
    const stun = { ...settings, turnUrls: [], stunUrls: ['stun:stun.example'] };
    expect(new IceServers(stun).mint('s')).toEqual([{ urls: ['stun:stun.example'] }]);
    expect(new IceServers({ ...stun, stunUrls: [] }).mint('s')).toEqual([]);
  });
});
