import { once } from 'node:events';
import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { writeOncePerTurn } from './write-once-per-turn.js';

function stream() {
  const writes: string[] = [];
  const sink = new Writable({
    decodeStrings: false,
    write: (chunk, _encoding, done) => {
      writes.push(chunk);
      done();
    },
    writev: (chunks, done) => {
      writes.push(chunks.map(({ chunk }) => chunk).join(''));
      done();
    },
  });
  writeOncePerTurn(sink);
  return { sink, writes };
}

const turn = () => new Promise(setImmediate);

describe('one write for each turn', () => {
  it('of what is written in it, in order', async () => {
    const { sink, writes } = stream();
    for (const text of ['a', 'b', 'c']) sink.write(text);
    await Promise.resolve();
    sink.write('d');
    await turn();
    sink.write('e');
    await turn();
    expect(writes).toEqual(['abcd', 'e']);
  });

  it('also when the stream is ended in the same turn', async () => {
    const { sink, writes } = stream();
    sink.write('a');
    sink.end('b');
    await once(sink, 'finish');
    expect(writes.join('')).toBe('ab');
  });
});
