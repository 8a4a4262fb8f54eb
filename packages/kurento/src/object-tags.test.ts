import { describe, expect, it } from 'vitest';
import { readTags } from './object-tags.js';

describe('tags', () => {
  const ours = { manycast: '1', room: 'lobby', session: 's', generation: '3', role: 'viewer' };
  const asKurento = (tags: Record<string, string>) =>
    Object.entries(tags).map(([key, value]) => ({ __module__: 'kurento', __type__: 'Tag', key, value }));

  it('are read back, whatever others there are', () => {
    expect(readTags(asKurento({ ...ours, color: 'red' }))).toEqual({
      room: 'lobby',
      session: 's',
      generation: 3,
      role: 'viewer',
      speech: 'tutorial',
    });
    expect(readTags(asKurento({ ...ours, speech: 'manycast.v1' }))?.speech).toBe('manycast.v1');
  });

  it.each([
    ['none', {}],
    ['no mark of ours', { ...ours, manycast: '2' }],
    ['no room', { ...ours, room: '' }],
    ['no session', { ...ours, session: '' }],
    ['a generation that is no number', { ...ours, generation: 'x' }],
    ['no generation', { ...ours, generation: '' }],
    ['a role we do not know', { ...ours, role: 'toString' }],
  ])('that are %s are not ours', (_, tags) => {
    expect(readTags(asKurento(tags))).toBeNull();
  });

  it('that are no list are not ours', () => {
    expect(readTags(undefined)).toBeNull();
  });
});
