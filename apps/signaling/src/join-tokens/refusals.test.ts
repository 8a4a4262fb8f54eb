import { Authorizer, MemoryTokenLedger, openGrants, type Role } from '@manycast/core';
import { asSessionId, type ErrorCode, RoomName, RoomPattern } from '@manycast/protocol';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { FixedKeys } from './fixed-keys.js';
import { JoseJoinTokens } from './jose-join-tokens.js';
import { readKeys, secretKey } from './read-keys.js';
import { Issuer, inSeconds, sign } from './testing/issuer.js';

/** RSA keys take seconds on a busy machine. */
vi.setConfig({ testTimeout: 60_000, hookTimeout: 120_000 });

const secret = 'a secret of this test, 32 bytes and more';
const bytes = new TextEncoder().encode(secret);
const issuer = new Issuer();
const stranger = new Issuer();
const ledger = new MemoryTokenLedger();
let rsaPem: string;
let authorizer: Authorizer;
let onlyRsa: Authorizer;

beforeAll(async () => {
  rsaPem = (await issuer.addKey('rsa', 'RS256')).pem;
  await issuer.addKey('ec', 'ES256');
  await issuer.addKey('ed', 'EdDSA');
  await stranger.addKey('rsa', 'RS256');
  await stranger.addKey('gone', 'ES256');
  const newAuthorizer = (keys: FixedKeys) =>
    new Authorizer({
      tokens: new JoseJoinTokens({ sources: [keys], issuer: undefined, audience: 'manycast' }),
      ledger,
      openRooms: [RoomPattern.parse('lobby-*')],
      now: Date.now,
    });
  authorizer = newAuthorizer(new FixedKeys([...(await readKeys(issuer.keySet)), secretKey(secret)]));
  onlyRsa = newAuthorizer(new FixedKeys(await readKeys(rsaPem)));
});

const enter = (token: string | undefined, own: { room?: string; role?: Role; session?: string } = {}) =>
  authorizer.enter({
    room: RoomName.parse(own.room ?? 'stage'),
    role: own.role ?? 'viewer',
    session: asSessionId(own.session ?? 'session'),
    token,
  });
const good = (claims: object = {}) => issuer.issue('rsa', { aud: 'manycast', ...claims });
const unsigned = (header: object, claims: object) =>
  `${[header, claims].map(part => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')}.`;

describe('a join token that is good', () => {
  it.each(['rsa', 'ec', 'ed'])('lets in, signed with the %s key', async kid => {
    const token = await issuer.issue(kid, {
      aud: 'manycast',
      sub: 'u-7',
      name: 'Ada',
      roles: ['presenter', 'viewer'],
      moderator: true,
      chat: false,
    });
    expect(await enter(token, { role: 'presenter' })).toEqual({
      identity: 'u-7',
      name: 'Ada',
      mayPresent: true,
      mayView: true,
      isModerator: true,
      mayChat: false,
      token: expect.objectContaining({ id: null }),
    });
  });

  it('[R-LIFE-2] says what its presenter wants of the room, and of no other role', async () => {
    const options = { title: 'Ours', maxViewers: 10, maxDurationMs: 60_000, slowModeMs: 0, isListed: false };
    const token = () => good({ roles: ['presenter', 'viewer'], options });
    expect(await enter(await token(), { role: 'presenter' })).toMatchObject({ options });
    expect(await enter(await token())).not.toHaveProperty('options');
  });

  it.each([
    [{ maxViewers: 0 }, 'options.maxViewers'],
    [{ title: '' }, 'options.title'],
    [{ slowmode: 5 }, 'options'],
  ])('[R-LIFE-2] whose options are %j is refused by the name of %s', async (options, field) => {
    const refused = enter(await good({ roles: ['presenter'], options }), { role: 'presenter' });
    await expect(refused).rejects.toMatchObject({
      code: 'token-malformed',
      message: expect.stringContaining(`token: ${field}:`),
    });
  });

  it('lets in, signed with the shared secret', async () => {
    const token = await sign({ aud: 'manycast' }, { alg: 'HS256' }, bytes);
    expect(await enter(token)).toMatchObject({ token: { id: null } });
  });

  it('may be for a family of rooms, and lets a viewer in who names no role', async () => {
    const token = await good({ room: 'class-*', roles: undefined });
    expect(await enter(token, { room: 'class-7' })).toMatchObject({
      mayPresent: false,
      mayView: true,
    });
  });

  it('is not needed in a room that is open by name', async () => {
    expect((await enter(undefined, { room: 'lobby-1' })).token).toBeNull();
  });
});

describe('a join token is refused, each with its own code', () => {
  const cases: [string, ErrorCode, () => Promise<unknown>][] = [
    ['none at all', 'token-missing', () => enter(undefined)],
    ['no token but words', 'token-malformed', () => enter('words')],
    ['three words', 'token-malformed', () => enter('a.b.c')],
    ['a header that is no object', 'token-malformed', () => enter('W10.e30.AAAA')],
    [
      'alg: none, without a signature',
      'token-algorithm',
      () => enter(unsigned({ alg: 'none' }, { room: 'stage', exp: inSeconds(60) })),
    ],
    [
      'alg: NoNe',
      'token-algorithm',
      () => enter(unsigned({ alg: 'NoNe' }, { room: 'stage', exp: inSeconds(60) })),
    ],
    [
      'alg: HS512',
      'token-algorithm',
      async () => enter(await sign({}, { alg: 'HS512' }, Buffer.alloc(64, 7))),
    ],
    [
      'key confusion: the public key used as a secret, where there is a secret too',
      'token-signature',
      async () => enter(await sign({ aud: 'manycast' }, { alg: 'HS256', kid: 'rsa' }, Buffer.from(rsaPem))),
    ],
    [
      'key confusion: the public key used as a secret, where there is none',
      'token-algorithm',
      async () => {
        const token = await sign({ aud: 'manycast' }, { alg: 'HS256', kid: 'rsa' }, Buffer.from(rsaPem));
        return onlyRsa.enter({
          room: RoomName.parse('stage'),
          role: 'viewer',
          session: asSessionId('s'),
          token,
        });
      },
    ],
    [
      'forged: signed by a stranger',
      'token-signature',
      async () => enter(await stranger.issue('rsa', { aud: 'manycast' })),
    ],
    [
      'forged: the claims exchanged',
      'token-signature',
      async () => {
        const [header, , signature] = (await good()).split('.');
        const claims = Buffer.from(
          JSON.stringify({ room: '*', exp: inSeconds(60), aud: 'manycast' }),
        ).toString('base64url');
        return enter(`${header}.${claims}.${signature}`);
      },
    ],
    [
      'forged: the signature taken off',
      'token-signature',
      async () => enter((await good()).replace(/[^.]*$/, '')),
    ],
    ['of a key that was rotated away', 'token-key-unknown', async () => enter(await stranger.issue('gone'))],
    ['expired', 'token-expired', async () => enter(await good({ exp: inSeconds(-60) }))],
    ['not valid yet', 'token-too-early', async () => enter(await good({ nbf: inSeconds(60) }))],
    ['without an end', 'token-malformed', async () => enter(await good({ exp: undefined }))],
    ['for another audience', 'token-foreign', async () => enter(await good({ aud: 'billing' }))],
    ['for another room', 'token-room', async () => enter(await good(), { room: 'backstage' })],
    [
      'for another family of rooms',
      'token-room',
      async () => enter(await good({ room: 'class-*' }), { room: 'stage' }),
    ],
    ['of a viewer, used to present', 'token-role', async () => enter(await good(), { role: 'presenter' })],
    ['of a presenter, used to watch', 'token-role', async () => enter(await good({ roles: ['presenter'] }))],
    ['without a room', 'token-malformed', async () => enter(await good({ room: undefined }))],
    ['of an unknown role', 'token-malformed', async () => enter(await good({ roles: ['admin'] }))],
    ['for one time, without an id', 'token-malformed', async () => enter(await good({ once: true }))],
    [
      'replayed: for one time, by a second session',
      'token-used',
      async () => {
        const token = await good({ once: true, jti: 'ticket-1' });
        await enter(token, { session: 'first' });
        await enter(token, { session: 'first' });
        return enter(token, { session: 'second' });
      },
    ],
    [
      'revoked by its id',
      'token-revoked',
      async () => {
        await ledger.revoke({ of: { token: 'lost' }, untilMs: inSeconds(600) * 1_000 });
        return enter(await good({ jti: 'lost' }));
      },
    ],
    [
      'revoked with everything its bearer was issued',
      'token-revoked',
      async () => {
        await ledger.revoke({ of: { identity: 'mallory' }, untilMs: inSeconds(600) * 1_000 });
        return enter(await good({ sub: 'mallory' }));
      },
    ],
    [
      'bad, also where none is needed',
      'token-expired',
      async () => enter(await good({ room: 'lobby-1', exp: inSeconds(-60) }), { room: 'lobby-1' }),
    ],
  ];

  it.each(cases)('%s: %s', async (_, code, attempt) => {
    await expect(attempt()).rejects.toMatchObject({ code });
  });
});

describe('a session that comes back', () => {
  const session = asSessionId('session');
  const room = RoomName.parse('stage');

  it('[R-AUTH-3] has to show its token where nobody knows any more what let it in', async () => {
    await expect(authorizer.goOn(openGrants, room, session)).rejects.toMatchObject({ code: 'token-missing' });
    await authorizer.goOn(openGrants, RoomName.parse('lobby-1'), session);
  });

  it('is let in by what let it in first, also by a token for one time', async () => {
    const grants = await enter(await good({ once: true, jti: 'ticket-2' }));
    await authorizer.goOn(grants, room, session);
  });

  it('is refused when its token was revoked meanwhile, or has expired', async () => {
    const grants = await enter(await good({ jti: 'soon-lost' }));
    await ledger.revoke({ of: { token: 'soon-lost' }, untilMs: inSeconds(600) * 1_000 });
    await expect(authorizer.goOn(grants, room, session)).rejects.toMatchObject({ code: 'token-revoked' });
    const over = {
      ...grants,
      identity: null,
      token: { id: null, issuedAtMs: null, expiresAtMs: Date.now() - 1 },
    };
    await expect(authorizer.goOn(over, room, session)).rejects.toMatchObject({ code: 'token-expired' });
  });
});
