import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { fileURLToPath } from 'node:url';
import { clusterSettings, usualChat } from '@manycast/core';
import { asNodeId, RoomPattern } from '@manycast/protocol';
import {
  flag,
  labels,
  listOf,
  logLevel,
  redisSettings,
  secret,
  urlWith,
  wholeNumber,
} from '@manycast/runtime';
import { z } from 'zod';
import { isProxyList } from './limits/client-address.js';

const builtPages = fileURLToPath(new URL('../../console/dist', import.meta.url));

/** Every setting of a signaling node. `redisUrl` is read from `MANYCAST_REDIS_URL`, and so on. */
const settings = z.object({
  host: z.string().default('0.0.0.0').describe('address to listen on'),
  port: wholeNumber(0, 65_535)
    .default(8080)
    .describe('port for WebSockets, pages, health and metrics; 0 takes a free one'),
  metricsPort: wholeNumber(0, 65_535)
    .optional()
    .describe('port for health and metrics alone; without it /metrics is served on `port`, to everybody'),
  tlsCertFile: z
    .string()
    .optional()
    .describe('certificate in PEM, to speak TLS without a proxy; read again when it is replaced'),
  tlsKeyFile: z.string().optional().describe('its private key in PEM'),
  nodeId: z
    .string()
    .regex(/^[\w.-]{1,64}$/, 'must be 1-64 characters of A-Z a-z 0-9 _ . -')
    .default(() => `${hostname().slice(0, 50)}-${randomBytes(3).toString('hex')}`)
    .transform(asNodeId)
    .describe('name of this node, unique in the cluster; the default is new at every start'),
  publicUrl: urlWith('http', 'https')
    .optional()
    .describe('where clients reach this very node; leave it out behind a load balancer'),
  ...redisSettings,
  ...clusterSettings,
  mediaRequire: labels
    .default({})
    .describe('labels that a media server must have for this node’s broadcasts, such as tier=big'),
  mediaPrefer: labels
    .default({})
    .describe('labels of media servers that are chosen first, such as zone=eu-1'),
  mediaLinks: wholeNumber(1, 64)
    .default(4)
    .describe('connections to each media server; one is served strictly serially'),
  presenterWaitMs: wholeNumber(0, 60_000)
    .default(10_000)
    .describe('how long a viewer waits for a presenter that is starting'),
  claimMs: wholeNumber(1_000, 600_000)
    .default(30_000)
    .describe('how long a presenter’s place is held without going live'),
  maxFrameBytes: wholeNumber(1_024, 16_777_216)
    .default(65_536)
    .describe('a larger frame closes its socket with 1009'),
  maxCandidates: wholeNumber(1, 100_000).default(256).describe('ICE candidates that one attempt may send'),
  maxSessions: wholeNumber(1, 1_000_000).default(5_000).describe('presenters and viewers on this node'),
  maxSockets: wholeNumber(1, 1_000_000).default(10_000).describe('WebSockets on this node'),
  maxErrors: wholeNumber(1, 1_000_000)
    .default(100)
    .describe('invalid messages after which a socket is closed'),
  maxSdpChars: wholeNumber(1_024, 32_768).default(32_768).describe('a longer offer is refused'),
  maxMessagesPerS: wholeNumber(1, 100_000)
    .default(50)
    .describe('messages that one socket may send in a second, on average over ten'),
  maxSocketsPerAddress: wholeNumber(0, 1_000_000)
    .default(1_000)
    .describe('WebSockets of one address (of an IPv6 network /64) on this node; 0: no limit'),
  maxSessionsPerIdentity: wholeNumber(0, 1_000_000)
    .default(20)
    .describe('sessions of one identity of join tokens on this node; 0: no limit'),
  maxRoomsPerIdentity: wholeNumber(0, 10_000)
    .default(5)
    .describe('rooms in which one identity may present at a time, in the cluster; 0: no limit'),
  maxJoinsPerAddress: wholeNumber(0, 1_000_000)
    .default(600)
    .describe('offers that one address may make in ten seconds, on all nodes; 0: no limit'),
  handshakeTimeoutMs: wholeNumber(100, 600_000)
    .default(10_000)
    .describe('a connection that has not asked for anything by then is closed'),
  firstMessageMs: wholeNumber(100, 86_400_000)
    .default(600_000)
    .describe('a WebSocket that has said nothing by then is closed; a tutorial’s page waits for its visitor'),
  maxMemoryMb: wholeNumber(0, 1_048_576)
    .default(0)
    .describe('memory near which new work is refused; 0: what the container and the heap allow'),
  maxLagMs: wholeNumber(10, 600_000)
    .default(500)
    .describe('delay of the event loop near which new work is refused'),
  maxBusyPercent: wholeNumber(0, 100)
    .default(98)
    .describe(
      'share of its time that the event loop may work, near which new work but resumes is refused; 0: any',
    ),
  trustedProxies: listOf(z.string())
    .default([])
    .refine(
      isProxyList,
      'must be addresses, networks such as 10.0.0.0/8, or loopback, linklocal, uniquelocal',
    )
    .describe(
      'proxies whose X-Forwarded-For says who a client is; without them a proxy counts as one client',
    ),
  origins: listOf(urlWith('https', 'http').transform(url => new URL(url).origin))
    .default([])
    .describe(
      'origins of the pages that may use this node, such as https://live.example, besides its own; empty: all',
    ),
  maxBufferedBytes: wholeNumber(1_024, 1_073_741_824)
    .default(1_048_576)
    .describe('unsent bytes after which a client that does not read is cut off'),
  maxChatBufferedBytes: wholeNumber(0, 1_073_741_824)
    .default(262_144)
    .describe(
      'unsent bytes above which the chat is left out for a client, so that what media needs gets through',
    ),
  chatPerSecond: wholeNumber(1, 1_000)
    .default(2)
    .describe(
      'chat messages that one client may send in a second, on the average; five times as many at once',
    ),
  chatAfterglowMs: wholeNumber(0, 1_800_000)
    .default(usualChat.afterglowMs)
    .describe('how long the chat stays open when the broadcast is over'),
  chatTranscriptMs: wholeNumber(0, 2_592_000_000)
    .default(usualChat.transcriptMs)
    .describe('how long the chat of a broadcast that is over can be read'),
  directory: flag
    .optional()
    .describe(
      'whether GET /rooms lists the live rooms for everybody; unless given, where the cluster is open',
    ),
  chatKept: wholeNumber(10, 1_000_000)
    .default(usualChat.kept)
    .describe('entries that the log of a chat holds; the oldest go first'),
  tokenSecret: secret(
    z
      .string()
      .min(16, 'must have at least 16 characters')
      .describe('signs resume tokens; the same on every node of a cluster'),
  ),
  open: flag
    .default(false)
    .describe('true: whoever reaches this node may present and watch in every room, without a join token'),
  openRooms: listOf(RoomPattern)
    .default([])
    .describe('rooms that anybody may enter without a join token, such as default,lobby-*'),
  joinSecret: secret(
    z
      .string()
      .min(32, 'must have at least 32 characters')
      .optional()
      .describe('what the application signs join tokens with, as HS256'),
  ),
  joinKeysFile: z
    .string()
    .optional()
    .describe('file with the public keys of join tokens: a JWK Set, or PEM; read again when it changes'),
  joinJwksUrl: urlWith('https', 'http')
    .optional()
    .describe('address of the public keys of join tokens: a JWK Set'),
  joinJwksMaxAgeMs: wholeNumber(1_000, 86_400_000)
    .default(300_000)
    .describe('how long a key is good after it was taken out there'),
  joinIssuer: z.string().optional().describe('`iss` that join tokens must have'),
  joinAudience: z.string().optional().describe('`aud` that join tokens must have'),
  stunUrls: listOf(z.string().regex(/^stuns?:[^/\s]+$/, 'must be URLs such as stun:stun.example:3478'))
    .default([])
    .describe('STUN servers that clients are told of'),
  turnUrls: listOf(
    z.string().regex(/^turns?:[^/\s]+$/, 'must be URLs such as turn:turn.example:3478?transport=udp'),
  )
    .default([])
    .describe('TURN servers that clients are told of; MANYCAST_TURN_SECRET is needed with them'),
  turnSecret: secret(
    z
      .string()
      .min(16, 'must have at least 16 characters')
      .optional()
      .describe('what the TURN servers know as static-auth-secret'),
  ),
  turnTtlMs: wholeNumber(60_000, 604_800_000)
    .default(3_600_000)
    .describe('how long the credentials of a TURN server can be used; clients get new ones at half of it'),
  leaseMs: wholeNumber(300, 60_000)
    .default(3_000)
    .describe('a node that is silent for this long is taken for dead'),
  drainMs: wholeNumber(0, 600_000)
    .default(7_000)
    .describe('how long a stopping node waits for its clients to move'),
  heartbeatMs: wholeNumber(100, 600_000)
    .default(10_000)
    .describe('a socket that does not answer a ping for this long is closed'),
  stopDeadlineMs: wholeNumber(100, 600_000)
    .default(10_000)
    .describe('a stop that takes longer ends the process anyway'),
  otlpUrl: urlWith('http', 'https')
    .optional()
    .describe(
      'OpenTelemetry collector that joins are traced to (OTLP over HTTP), such as http://collector:4318',
    ),
  pagesDir: z.string().default(builtPages).describe('folder of the built pages'),
  logLevel: logLevel.default('info').describe('trace, debug, info, warn, error or silent'),
});
/** Nobody runs a cluster that everybody may use without having said so. */
export const configSchema = settings
  .refine(
    ({ open, openRooms, joinSecret, joinKeysFile, joinJwksUrl }) =>
      open || (openRooms?.length ?? 0) > 0 || joinSecret || joinKeysFile || joinJwksUrl,
    {
      path: ['open'],
      message:
        'nobody could come in: set MANYCAST_JOIN_SECRET, MANYCAST_JOIN_KEYS_FILE or MANYCAST_JOIN_JWKS_URL to ask for join tokens, or MANYCAST_OPEN=true to let in whoever reaches this node',
      when: () => true,
    },
  )
  .refine(({ tlsCertFile, tlsKeyFile }) => !tlsCertFile === !tlsKeyFile, {
    path: ['tlsCertFile'],
    message: 'MANYCAST_TLS_CERT_FILE and MANYCAST_TLS_KEY_FILE go together',
    when: () => true,
  })
  .refine(({ turnUrls, turnSecret }) => !turnUrls?.length || turnSecret, {
    path: ['turnSecret'],
    message: 'is needed with MANYCAST_TURN_URLS: TURN servers give nothing to who has no credentials',
    when: () => true,
  });
export type Config = z.infer<typeof configSchema>;
