import { describe, expect, it } from 'vitest';
import { objectId, sessionId } from './ids.js';
import { SessionRegistry } from './session-registry.js';

const pipeline = objectId('p');
const session = sessionId('s');
const nobody = () => false;
const everybody = () => true;

function withOneSession(): SessionRegistry {
  const registry = new SessionRegistry();
  registry.add(pipeline);
  registry.hold(session, pipeline);
  return registry;
}

const collected = (registry: SessionRegistry, hasSocket: () => boolean) =>
  registry.sweep(hasSocket).map(({ letGo }) => letGo.gone);

describe('collection', () => {
  it('takes two sweeps after the socket died', () => {
    const registry = withOneSession();
    for (let sweep = 0; sweep < 5; sweep++) expect(collected(registry, everybody)).toEqual([]);
    expect(collected(registry, nobody)).toEqual([]);
    expect(collected(registry, nobody)).toEqual([[pipeline]]);
    expect(registry.keepAlive(session)).toBe(false);
  });

  it.each([
    ['connect', (registry: SessionRegistry) => registry.keepAlive(session)],
    ['a new reference', (registry: SessionRegistry) => registry.hold(session, pipeline)],
  ])('starts anew after %s', (_, touch) => {
    const registry = withOneSession();
    collected(registry, nobody);
    touch(registry);
    expect(collected(registry, nobody)).toEqual([]);
    expect(collected(registry, nobody)).toEqual([[pipeline]]);
  });

  it('a socket that comes back in between starts it anew as well', () => {
    const registry = withOneSession();
    for (const hasSocket of [nobody, everybody, nobody]) expect(collected(registry, hasSocket)).toEqual([]);
    expect(collected(registry, nobody)).toEqual([[pipeline]]);
  });

  it('ends a session that holds nothing any more without ending anything else', () => {
    const registry = withOneSession();
    registry.release(pipeline);
    expect(registry.keepAlive(session)).toBe(true);
    collected(registry, nobody);
    expect(collected(registry, nobody)).toEqual([[]]);
    expect(registry.sessions()).toEqual([]);
  });

  it('does not remember the idleness of a closed session for its namesake', () => {
    const registry = withOneSession();
    collected(registry, nobody);
    registry.close(session);
    registry.add(pipeline);
    registry.hold(session, pipeline);
    expect(collected(registry, nobody)).toEqual([]);
  });
});
