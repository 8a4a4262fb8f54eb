import { describe, expect, it } from 'vitest';
import { objectId, sessionId } from './ids.js';
import { ReferenceTree } from './reference-tree.js';

const [pipeline, endpoint, other, manager] = ['p', 'p/e', 'p/o', 'm'].map(objectId) as [
  never,
  never,
  never,
  never,
];
const [alice, bob] = ['alice', 'bob'].map(sessionId) as [never, never];

function room(): ReferenceTree {
  const tree = new ReferenceTree();
  tree.add(pipeline);
  tree.hold(alice, pipeline);
  tree.add(endpoint, pipeline);
  return tree;
}

describe('references', () => {
  it('a reference on an object holds its parents', () => {
    const tree = room();
    tree.hold(bob, endpoint);
    expect(tree.forget(alice).gone).toEqual([]);
    expect(tree.forget(bob).gone).toEqual([endpoint, pipeline]);
  });

  it('a reference on a parent does not hold the children that were there', () => {
    const tree = room();
    tree.hold(bob, pipeline);
    expect(tree.forget(alice).gone).toEqual([endpoint]);
    expect(tree.childrenOf(pipeline)).toEqual([]);
    expect(tree.forget(bob).gone).toEqual([pipeline]);
  });

  it('a new child inherits every session that holds its parent at that moment', () => {
    const tree = room();
    tree.hold(bob, pipeline);
    tree.add(other, pipeline);
    expect(tree.forget(alice).gone).toEqual([endpoint]);
    expect(tree.childrenOf(pipeline)).toEqual([other]);
  });

  it('letting go of a parent lets go of its children', () => {
    const tree = room();
    tree.hold(bob, endpoint);
    expect(tree.drop(bob, pipeline)).toEqual({
      dropped: [
        { session: bob, object: endpoint },
        { session: bob, object: pipeline },
      ],
      gone: [],
    });
    expect(tree.forget(bob).dropped).toEqual([]);
  });

  it('release ends an object and its children whoever holds them; again does nothing', () => {
    const tree = room();
    tree.hold(bob, endpoint);
    expect(tree.release(pipeline).gone).toEqual([endpoint, pipeline]);
    expect(tree.release(pipeline)).toEqual({ dropped: [], gone: [] });
    expect(tree.drop(alice, pipeline)).toEqual({ dropped: [], gone: [] });
    expect(tree.sessions()).toEqual([alice, bob]);
  });

  it('forgetting a session ends what only it held; with release what others hold too', () => {
    const gentle = room();
    gentle.hold(bob, pipeline);
    expect(gentle.forget(alice).gone).toEqual([endpoint]);
    const harsh = room();
    harsh.hold(bob, endpoint);
    expect(harsh.forget(alice, { release: true }).gone).toEqual([endpoint, pipeline]);
    expect(harsh.knows(alice)).toBe(false);
  });

  it('a pinned object stays when nobody holds it', () => {
    const tree = new ReferenceTree();
    tree.add(manager, undefined, { isPinned: true });
    tree.hold(alice, manager);
    expect(tree.release(manager)).toEqual({ dropped: [{ session: alice, object: manager }], gone: [] });
    tree.hold(bob, manager);
    expect(tree.forget(bob).gone).toEqual([]);
  });
});
