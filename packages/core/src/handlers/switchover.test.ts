import { describe, expect, it } from 'vitest';
import type { Outcome } from '../attempt.js';
import { memoryCluster, newAttempt, sdpOffer } from '../contracts/memory-cluster.js';
import { presenter } from './presenter.js';
import { viewer } from './viewer.js';

function accepted(outcome: Outcome) {
  if (outcome.type === 'rejected') throw outcome.error;
  return outcome.media;
}

describe('[R-KMS-4] a viewer that follows its room', () => {
  it('keeps its former endpoint until the new one has connected', async () => {
    const cluster = await memoryCluster();
    const [host, guest] = [newAttempt(), newAttempt()];
    const { room } = host;
    const former = accepted(await presenter(cluster, host, sdpOffer));
    accepted(await viewer(cluster, { ...guest, room }, sdpOffer));
    await cluster.rooms.move({ room, generation: former.generation });
    accepted(await presenter(cluster, host, sdpOffer));
    const followed = accepted(await viewer(cluster, { ...guest, room }, sdpOffer));
    expect(followed.pipeline).not.toBe(former.pipeline);

    const size = () => cluster.media.pipelines.get(former.pipeline)?.size;
    await cluster.undo.settled();
    expect(size()).toBe(2);
    cluster.media.tell(followed, { type: 'connection-state', state: 'disconnected' });
    cluster.media.tell(followed, { type: 'connection-state', state: 'connected' });
    await expect.poll(size).toBe(1);
  });

  it('that offers again in the same place lets go of what was of no use at once', async () => {
    const cluster = await memoryCluster();
    const [host, guest] = [newAttempt(), newAttempt()];
    const { room } = host;
    const { pipeline } = accepted(await presenter(cluster, host, sdpOffer));
    for (const _ of [1, 2]) accepted(await viewer(cluster, { ...guest, room }, sdpOffer));
    await cluster.undo.settled();
    expect(cluster.media.pipelines.get(pipeline)?.size).toBe(2);
  });
});
