import { describe, expect, it } from 'vitest';
import { createNodeList, signalingUrl } from './node-list.js';

describe('the list of nodes', () => {
  it('names every node once before it names one again', () => {
    const nodes = createNodeList(['ws://a', 'ws://b', 'ws://c'], 'room', Math.random);
    const [first, second, third, fourth] = Array.from({ length: 4 }, () => nodes.next());
    expect(new Set([first, second, third]).size).toBe(3);
    expect(fourth).toBe(first);
  });

  it('spreads the clients of one lost node over all the others', () => {
    const nextAfterA = new Set<string>();
    for (let client = 0; client < 200; client += 1) {
      const nodes = createNodeList(['ws://a', 'ws://b', 'ws://c'], 'room', Math.random);
      if (nodes.next() === 'ws://a/one2many?room=room') nextAfterA.add(nodes.next());
    }
    expect(nextAfterA).toEqual(new Set(['ws://b/one2many?room=room', 'ws://c/one2many?room=room']));
  });

  it('takes in the nodes it is told of, each once', () => {
    const nodes = createNodeList(['http://a'], 'room', Math.random);
    nodes.add(['http://b', 'http://a']);
    nodes.add(['http://b']);
    const urls = Array.from({ length: 3 }, () => nodes.next());
    expect(urls).toEqual(['a', 'b', 'a'].map(host => `ws://${host}/one2many?room=room`));
  });

  it('stays with a single address', () => {
    const nodes = createNodeList(['ws://only'], 'room', Math.random);
    expect([nodes.next(), nodes.next()]).toEqual(Array(2).fill('ws://only/one2many?room=room'));
  });
});

describe('an address', () => {
  it.each([
    ['https://live.example', 'wss://live.example/one2many?room=a.b'],
    ['http://localhost:8080/', 'ws://localhost:8080/one2many?room=a.b'],
    ['wss://live.example/one2many', 'wss://live.example/one2many?room=a.b'],
    ['wss://live.example/prefix/call?key=1#x', 'wss://live.example/prefix/call?key=1&room=a.b'],
  ])('%s is %s', (address, url) => {
    expect(signalingUrl(address, 'a.b')).toBe(url);
  });

  it.each(['', 'live.example', 'ftp://live.example'])('%j is none', address => {
    expect(() => signalingUrl(address, 'a.b')).toThrow(TypeError);
  });
});
