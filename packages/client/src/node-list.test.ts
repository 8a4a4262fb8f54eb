import { describe, expect, it } from 'vitest';
import { createNodeList, signalingUrl } from './node-list.js';

describe('the list of nodes', () => {
  it('names every node once before it names one again', () => {
    const nodes = createNodeList(['ws://a', 'ws://b', 'ws://c'], Math.random);
    const [first, second, third, fourth] = Array.from({ length: 4 }, () => nodes.next());
    expect(new Set([first, second, third]).size).toBe(3);
    expect(fourth).toBe(first);
  });

  it('spreads the clients of one lost node over all the others', () => {
    const nextAfterA = new Set<string>();
    for (let client = 0; client < 200; client += 1) {
      const nodes = createNodeList(['ws://a', 'ws://b', 'ws://c'], Math.random);
      if (nodes.next() === 'ws://a/one2many') nextAfterA.add(nodes.next());
    }
    expect(nextAfterA).toEqual(new Set(['ws://b/one2many', 'ws://c/one2many']));
  });

  it('stays with a single address', () => {
    const nodes = createNodeList(['ws://only'], Math.random);
    expect([nodes.next(), nodes.next()]).toEqual(['ws://only/one2many', 'ws://only/one2many']);
  });
});

describe('an address', () => {
  it.each([
    ['https://live.example', 'wss://live.example/one2many'],
    ['http://localhost:8080/', 'ws://localhost:8080/one2many'],
    ['wss://live.example/one2many', 'wss://live.example/one2many'],
    ['wss://live.example/prefix/call#x', 'wss://live.example/prefix/call'],
  ])('%s is %s', (address, url) => {
    expect(signalingUrl(address)).toBe(url);
  });

  it.each(['', 'live.example', 'ftp://live.example'])('%j is none', address => {
    expect(() => signalingUrl(address)).toThrow(TypeError);
  });
});
