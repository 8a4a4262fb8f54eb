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

  const urlsOf = (...hosts: string[]) => hosts.map(host => `ws://${host}/one2many?room=room`);

  it('learns of other nodes, and forgets those that are not told of any more', () => {
    const nodes = createNodeList(['http://a'], 'room', Math.random);
    expect(nodes.next()).toBe(urlsOf('a')[0]);
    nodes.learn(['http://b', 'http://a']);
    nodes.learn(['http://b', 'http://a']);
    expect([nodes.next(), nodes.next(), nodes.next()]).toEqual(urlsOf('b', 'a', 'b'));
    nodes.learn(['ws://c']);
    expect(new Set([nodes.next(), nodes.next(), nodes.next()])).toEqual(new Set(urlsOf('a', 'c')));
    nodes.learn([]);
    expect([nodes.next(), nodes.next()]).toEqual(urlsOf('a', 'a'));
  });

  it('spreads the clients of one lost node over the nodes they learnt of, too', () => {
    const nextAfterA = new Set<string>();
    for (let client = 0; client < 200; client += 1) {
      const nodes = createNodeList(['ws://a'], 'room', Math.random);
      nodes.next();
      nodes.learn(['ws://a', 'ws://b', 'ws://c']);
      nextAfterA.add(nodes.next());
    }
    expect(nextAfterA).toEqual(new Set(urlsOf('b', 'c')));
  });

  it('learns nothing that cannot be opened from here', () => {
    const nodes = createNodeList(['https://a'], 'room', Math.random);
    nodes.learn(['ws://b', 'http://c', 'nowhere', 'ftp://d', 'https://', 'wss://e']);
    const seen = new Set([nodes.next(), nodes.next(), nodes.next()]);
    expect(seen).toEqual(new Set(['wss://a/one2many?room=room', 'wss://e/one2many?room=room']));
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
