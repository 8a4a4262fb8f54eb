import type { Random } from '../chaos/random.js';

/** One WebSocket frame (RFC 6455, section 5.2) with what is to be wrong about it. */
export function frame(
  payload: Buffer,
  { opcode = 1, isLast = true, reserved = 0, isMasked = true, length = payload.length } = {},
): Buffer {
  const first = (isLast ? 0x80 : 0) | (reserved << 4) | opcode;
  const mask = isMasked ? 0x80 : 0;
  const head =
    length < 126
      ? Buffer.from([first, mask | length])
      : length < 65_536
        ? Buffer.from([first, mask | 126, length >> 8, length & 0xff])
        : Buffer.concat([Buffer.from([first, mask | 127]), bigEndian(length)]);
  // The mask of zeros is one like any other.
  return Buffer.concat([head, isMasked ? Buffer.alloc(4) : Buffer.alloc(0), payload]);
}

function bigEndian(length: number): Buffer {
  const buffer = Buffer.alloc(8);
  buffer.writeBigUInt64BE(BigInt(length));
  return buffer;
}

const text = (value: string, options?: Parameters<typeof frame>[1]) => frame(Buffer.from(value), options);

/** What one connection is sent; a frame that ends the connection is the last that is looked at. */
export interface HostileFrame {
  kind: string;
  bytes: Buffer;
  /** By the protocol the server has to close after it. */
  isFatal: boolean;
}

type Maker = (random: Random, messages: readonly string[]) => Omit<HostileFrame, 'kind'>;

const sane = (bytes: Buffer) => ({ bytes, isFatal: false });
const fatal = (bytes: Buffer) => ({ bytes, isFatal: true });
const noise = (random: Random, max: number) =>
  Buffer.from(Array.from({ length: random.between(0, max) }, () => random.between(0, 255)));
const pick = (random: Random, messages: readonly string[]) => random.pick(messages) as string;

/** A message with some of its bytes changed, doubled or taken out. */
function mutated(random: Random, message: string): Buffer {
  let bytes = Buffer.from(message);
  for (let times = random.between(1, 4); times > 0; times -= 1) {
    const at = random.between(0, Math.max(0, bytes.length - 1));
    const how = random.between(0, 3);
    if (how === 0) bytes[at] = random.between(32, 126);
    else if (how === 1)
      bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + random.between(1, 8))]);
    else if (how === 2)
      bytes = Buffer.concat([
        bytes.subarray(0, at),
        bytes.subarray(Math.floor(at / 2), at),
        bytes.subarray(at),
      ]);
    else
      bytes = Buffer.concat([
        bytes.subarray(0, at),
        Buffer.from(random.pick(['{', ']', '"', '\\u0000', '0', 'null', '\\']) ?? ''),
        bytes.subarray(at),
      ]);
  }
  return bytes.subarray(0, 2_000);
}

/** Everything that a hostile client may think of, by how often it does. */
export const makers: Record<string, { weight: number; make: Maker }> = {
  message: { weight: 20, make: (random, messages) => sane(text(pick(random, messages))) },
  mutation: {
    weight: 40,
    make: (random, messages) => sane(frame(asText(mutated(random, pick(random, messages))))),
  },
  'not utf-8': {
    weight: 1,
    make: random => fatal(frame(Buffer.concat([Buffer.from([0xff, 0xfe]), noise(random, 20)]))),
  },
  binary: { weight: 3, make: random => sane(frame(noise(random, 60), { opcode: 2 })) },
  ping: { weight: 8, make: random => sane(frame(noise(random, 125), { opcode: 9 })) },
  pong: { weight: 4, make: random => sane(frame(noise(random, 125), { opcode: 10 })) },
  'long ping': { weight: 1, make: () => fatal(frame(Buffer.alloc(126), { opcode: 9 })) },
  'ping in pieces': { weight: 1, make: () => fatal(frame(Buffer.alloc(1), { opcode: 9, isLast: false })) },
  close: { weight: 1, make: random => fatal(frame(noise(random, 20), { opcode: 8 })) },
  'in pieces': {
    weight: 8,
    make: (random, messages) => {
      const whole = Buffer.from(pick(random, messages));
      const at = random.between(0, whole.length);
      return sane(
        Buffer.concat([
          frame(whole.subarray(0, at), { isLast: false }),
          // A ping may come in between (RFC 6455, section 5.4).
          frame(Buffer.alloc(0), { opcode: 9 }),
          frame(whole.subarray(at), { opcode: 0 }),
        ]),
      );
    },
  },
  'a piece of nothing': { weight: 1, make: () => fatal(frame(Buffer.from('x'), { opcode: 0 })) },
  'a new one in the middle': {
    weight: 1,
    make: () => fatal(Buffer.concat([text('{', { isLast: false }), text('{}')])),
  },
  'reserved bits': { weight: 1, make: random => fatal(text('{}', { reserved: random.between(1, 7) })) },
  'unknown opcode': {
    weight: 1,
    make: random => fatal(text('{}', { opcode: random.pick([3, 4, 5, 6, 7, 11, 12, 13, 14, 15]) })),
  },
  unmasked: { weight: 1, make: () => fatal(text('{}', { isMasked: false })) },
  'longer than the limit': { weight: 1, make: () => fatal(text('x', { length: 2 ** 31 })) },
  'shorter than it says': {
    weight: 1,
    make: random => ({ bytes: text('{', { length: random.between(2, 60_000) }), isFatal: true }),
  },
  noise: { weight: 1, make: random => fatal(noise(random, 200)) },
  empty: { weight: 4, make: () => sane(text('')) },
  'deep nesting': {
    weight: 1,
    make: random =>
      sane(text((random.pick(['[', '{"a":', '[[']) as string).repeat(random.between(1, 3_000)))),
  },
};

/** What is not UTF-8 is a case of its own. */
const asText = (bytes: Buffer): Buffer => Buffer.from(bytes.toString('utf8'));

const all = Object.entries(makers).map(([kind, { weight, make }]) => ({ kind, weight, make }));

/** What the protocol ends the connection at; everything else may be followed by more. */
const endings: ReadonlySet<string> = new Set([
  ...['not utf-8', 'long ping', 'ping in pieces', 'close', 'a piece of nothing', 'a new one in the middle'],
  ...[
    'reserved bits',
    'unknown opcode',
    'unmasked',
    'longer than the limit',
    'shorter than it says',
    'noise',
  ],
]);
const going = all.filter(({ kind }) => !endings.has(kind));
const ending = all.filter(({ kind }) => endings.has(kind));

/** As many frames; at the end of half of them one that ends the connection. */
export function hostileFrames(random: Random, messages: readonly string[], count: number): HostileFrame[] {
  const draw = (from: typeof all): HostileFrame => {
    const { kind, make } = random.weighted(from);
    return { kind, ...make(random, messages) };
  };
  const frames = Array.from({ length: count }, () => draw(going));
  return random.next() < 0.5 ? [...frames, draw(ending)] : frames;
}
