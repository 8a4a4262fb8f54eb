import { asNodeId, type RoomName, SignalError } from '@manycast/protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Outcome } from '../attempt.js';
import { type MemoryCluster, memoryCluster, newAttempt, sdpOffer } from '../contracts/memory-cluster.js';
import { detach } from './detach.js';
import { leave } from './leave.js';
import { presenter } from './presenter.js';
import { type ResumeOutcome, resume } from './resume.js';
import { viewer } from './viewer.js';

let cluster: MemoryCluster;
beforeEach(async () => {
  cluster = await memoryCluster();
});

function accepted(outcome: Outcome) {
  if (outcome.type === 'rejected') throw outcome.error;
  return outcome.media;
}
const code = (outcome: Outcome) => (outcome.type === 'rejected' ? outcome.error.code : 'accepted');

async function broadcasting() {
  const attempt = newAttempt();
  return { attempt, room: attempt.room, media: accepted(await presenter(cluster, attempt, sdpOffer)) };
}

/** What is left when everybody is gone. */
async function expectNothingLeft() {
  await cluster.undo.settled();
  expect(cluster.media.pipelines.size).toBe(0);
  expect((await cluster.pool.read()).map(server => server.reserved)).toEqual([0]);
}

describe('presenter', () => {
  it('opens the room on a server of the pool and gives everything back on leaving', async () => {
    const { attempt, room, media } = await broadcasting();
    expect(await cluster.rooms.read(room)).toMatchObject({ state: 'live', media: { server: media.server } });
    await leave(cluster, attempt, { ...media, role: 'presenter' });
    await expectNothingLeft();
  });

  it('[R-ROOM-1] is refused while another presents', async () => {
    const { room } = await broadcasting();
    expect(code(await presenter(cluster, newAttempt(room), sdpOffer))).toBe('presenter-exists');
    expect((await cluster.rooms.read(room)).state).toBe('live');
  });

  it('frees the place when its offer is garbage', async () => {
    const attempt = newAttempt();
    expect(code(await presenter(cluster, attempt, 'garbage'))).toBe('bad-sdp');
    await expectNothingLeft();
    expect(code(await presenter(cluster, newAttempt(attempt.room), sdpOffer))).toBe('accepted');
  });

  it('frees the place, with a hint when to try again, when the pool is full', async () => {
    cluster = await memoryCluster({ capacity: 1 });
    await broadcasting();
    const attempt = newAttempt();
    const outcome = await presenter(cluster, attempt, sdpOffer);
    expect(outcome).toMatchObject({ type: 'rejected', error: { code: 'pool-full', retryAfterMs: 5_000 } });
    await cluster.undo.settled();
    expect((await cluster.rooms.read(attempt.room)).state).toBe('ended');
  });

  it('[R-KMS-5] does not call a pool full of which no server is up yet', async () => {
    cluster = await memoryCluster({ capacity: 0 });
    cluster.isPoolUp = () => false;
    const outcome = await presenter(cluster, newAttempt(), sdpOffer);
    expect(outcome).toMatchObject({ error: { code: 'media-unavailable', retryAfterMs: 1_000 } });
  });

  it('that stops before its pipeline exists leaves nothing, and the next one gets the place', async () => {
    const attempt = newAttempt();
    cluster.media.beforeAnswer = async () => {
      attempt.giveUp();
      await leave(cluster, attempt);
      cluster.media.beforeAnswer = async () => {};
      expect(code(await presenter(cluster, newAttempt(attempt.room), sdpOffer))).toBe('accepted');
    };
    expect(code(await presenter(cluster, attempt, sdpOffer))).not.toBe('accepted');
    await cluster.undo.settled();
    expect(cluster.media.pipelines.size).toBe(1);
    expect(await cluster.rooms.read(attempt.room)).toMatchObject({ state: 'live' });
  });

  it('whose reply from the store is lost ends the room that it may have opened', async () => {
    const { goLive } = cluster.rooms;
    cluster.rooms.goLive = async order => {
      await goLive.call(cluster.rooms, order);
      throw new SignalError('unavailable');
    };
    const attempt = newAttempt();
    expect(code(await presenter(cluster, attempt, sdpOffer))).toBe('unavailable');
    await expectNothingLeft();
    expect((await cluster.rooms.read(attempt.room)).state).toBe('ended');
  });
});

describe('viewer', () => {
  it('is refused where nobody presents', async () => {
    expect(code(await viewer(cluster, newAttempt(), sdpOffer))).toBe('no-presenter');
  });

  it('[R-ROOM-3] waits for a presenter that is being set up', async () => {
    const attempt = newAttempt();
    const views: Promise<Outcome>[] = [];
    cluster.media.beforeAnswer = async () => {
      cluster.media.beforeAnswer = async () => {};
      views.push(viewer(cluster, newAttempt(attempt.room), sdpOffer));
    };
    accepted(await presenter(cluster, attempt, sdpOffer));
    expect((await Promise.all(views)).map(code)).toEqual(['accepted']);
  });

  it('[R-ROOM-3] waits no longer than it may, and not at all once the presenter gave up', async () => {
    cluster = await memoryCluster({ presenterWaitMs: 30 });
    const starting = newAttempt();
    await cluster.rooms.claim(starting);
    expect(code(await viewer(cluster, newAttempt(starting.room), sdpOffer))).toBe('no-presenter');

    cluster.presenterWaitMs = 60_000;
    const waiting = viewer(cluster, newAttempt(starting.room), sdpOffer);
    await leave(cluster, starting);
    expect(code(await waiting)).toBe('no-presenter');
  });

  it('asks the pool for more when the room has used what it was granted', async () => {
    const { room } = await broadcasting();
    const outcomes = await Promise.all(
      Array.from({ length: 40 }, () => viewer(cluster, newAttempt(room), sdpOffer)),
    );
    expect(outcomes.map(code)).toEqual(Array(40).fill('accepted'));
    expect((await cluster.pool.read())[0]?.reserved).toBeGreaterThanOrEqual(41);
  });

  it('[R-KMS-5] is refused at once beyond the pool’s capacity', async () => {
    cluster = await memoryCluster({ capacity: 10 });
    const { room } = await broadcasting();
    const outcomes = await Promise.all(
      Array.from({ length: 40 }, () => viewer(cluster, newAttempt(room), sdpOffer)),
    );
    expect(outcomes.map(code).filter(outcome => outcome === 'accepted')).toHaveLength(9);
    expect(outcomes.map(code).filter(outcome => outcome === 'pool-full')).toHaveLength(31);
  });

  it('[R-ROOM-5] leaves without a trace and without touching the others', async () => {
    const { room, media } = await broadcasting();
    const [staying, going] = [newAttempt(room), newAttempt(room)];
    accepted(await viewer(cluster, staying, sdpOffer));
    await leave(cluster, going, { ...accepted(await viewer(cluster, going, sdpOffer)), role: 'viewer' });
    await cluster.undo.settled();
    expect(cluster.media.pipelines.get(media.pipeline)?.size).toBe(2);
    expect((await cluster.rooms.read(room)).sessions.size).toBe(2);
    expect(staying.heard).toEqual([]);
  });

  it('that gives up in the middle, or whose offer is garbage, leaves nothing', async () => {
    const { room, media } = await broadcasting();
    const impatient = newAttempt(room);
    cluster.media.beforeAnswer = async () => impatient.giveUp();
    expect(code(await viewer(cluster, impatient, sdpOffer))).not.toBe('accepted');
    expect(code(await viewer(cluster, newAttempt(room), 'garbage'))).toBe('bad-sdp');
    await cluster.undo.settled();
    expect(cluster.media.pipelines.get(media.pipeline)?.size).toBe(1);
    expect((await cluster.rooms.read(room)).sessions.size).toBe(1);
  });

  it('whose presenter leaves in the middle is told so, and no endpoint remains', async () => {
    const { attempt, room } = await broadcasting();
    cluster.media.beforeAnswer = async () => leave(cluster, attempt);
    expect(code(await viewer(cluster, newAttempt(room), sdpOffer))).toBe('no-presenter');
    await expectNothingLeft();
  });

  it('whose session is gone by the time it is confirmed releases its endpoint', async () => {
    const { room, media } = await broadcasting();
    const attempt = newAttempt(room);
    cluster.media.beforeAnswer = async () => leave(cluster, attempt);
    expect(code(await viewer(cluster, attempt, sdpOffer))).toBe('no-presenter');
    await cluster.undo.settled();
    expect(cluster.media.pipelines.get(media.pipeline)?.size).toBe(1);
  });

  it('[R-ROOM-4] hears once that the presenter left', async () => {
    const { attempt, room } = await broadcasting();
    const watching = newAttempt(room);
    accepted(await viewer(cluster, watching, sdpOffer));
    await leave(cluster, attempt);
    await leave(cluster, attempt);
    expect(watching.heard).toEqual(['presenter-left']);
    await expectNothingLeft();
  });
});

describe('leave', () => {
  it('is tried again until the store can be asked, and releases what a lost reply hid', async () => {
    const { attempt, room, media } = await broadcasting();
    const rooms = cluster.rooms;
    const original = rooms.leave;
    let calls = 0;
    rooms.leave = async order => {
      calls += 1;
      if (calls === 1) throw new SignalError('unavailable');
      const result = await original.call(rooms, order);
      if (calls === 2) throw new SignalError('unavailable', { message: 'done, but the reply was lost' });
      return result;
    };
    await cluster.undo.run('leave', () => leave(cluster, attempt, { ...media, role: 'presenter' }));
    expect(calls).toBe(1);
    await cluster.undo.settled();
    expect(calls).toBe(3);
    await expectNothingLeft();
    expect((await rooms.read(room)).state).toBe('ended');
  });
});

describe('resume', () => {
  const elsewhere = asNodeId('node-2');
  function resumed(outcome: ResumeOutcome) {
    if (outcome.type === 'rejected') throw outcome.error;
    return outcome;
  }
  async function watching(room: RoomName) {
    const attempt = newAttempt(room);
    const media = accepted(await viewer(cluster, attempt, sdpOffer));
    await cluster.media.gatherCandidates(media);
    return { attempt, media };
  }

  it('[R-OWN-2] continues a session on another node with its endpoint and what it missed', async () => {
    const { room } = await broadcasting();
    const { attempt, media } = await watching(room);
    const outcome = resumed(
      await resume(cluster, newAttempt(room, { session: attempt.session, node: elsewhere }), 0),
    );
    expect(outcome).toMatchObject({
      epoch: 2,
      role: 'viewer',
      renegotiate: false,
      media: { endpoint: media.endpoint },
    });
    expect(outcome.log.events.map(event => event.type)).toEqual(['presenter-live']);
    await leave(cluster, attempt);
    expect((await cluster.rooms.read(room)).sessions.size).toBe(2);
  });

  it('[R-OWN-5] orders a new offer when the join was not finished, and nothing of the half-built one remains', async () => {
    const { room, media: source } = await broadcasting();
    const attempt = newAttempt(room);
    const before = accepted(await viewer(cluster, attempt, sdpOffer));
    const again = newAttempt(room, { session: attempt.session, node: elsewhere });
    const { renegotiate, epoch } = resumed(await resume(cluster, again, 0));
    expect(renegotiate).toBe(true);
    const after = accepted(await viewer(cluster, { ...again, epoch }, sdpOffer));
    await cluster.undo.settled();
    expect(cluster.media.pipelines.get(source.pipeline)).toEqual(new Set([source.endpoint, after.endpoint]));
    expect(before.endpoint).not.toBe(after.endpoint);
  });

  it('orders a new offer when the room’s media was built anew meanwhile', async () => {
    const { attempt: presenting, room, media } = await broadcasting();
    const { attempt } = await watching(room);
    const { generation } = accepted(await presenter(cluster, presenting, sdpOffer));
    await cluster.undo.settled();
    expect(cluster.media.pipelines.has(media.pipeline)).toBe(false);
    const outcome = resumed(await resume(cluster, newAttempt(room, { session: attempt.session }), 1));
    expect(outcome).toMatchObject({ renegotiate: true, room: { generation } });
  });

  it('of a session that has ended, or with an old token, is refused', async () => {
    const { room } = await broadcasting();
    const { attempt } = await watching(room);
    expect(await resume(cluster, newAttempt(room), 0)).toMatchObject({ error: { code: 'session-unknown' } });
    for (const _ of [1, 2]) await resume(cluster, newAttempt(room, { session: attempt.session }), 0);
    const third = await resume(cluster, newAttempt(room, { session: attempt.session }), 0);
    expect(third).toMatchObject({ type: 'rejected', error: { code: 'bad-token' } });
  });

  it('does not take a media server that is away for one that lost the endpoint', async () => {
    const { room } = await broadcasting();
    const { attempt } = await watching(room);
    const { adopt } = cluster.media;
    cluster.media.adopt = async () => {
      cluster.media.adopt = adopt;
      throw new SignalError('media-unavailable');
    };
    const outcome = resumed(await resume(cluster, newAttempt(room, { session: attempt.session }), 0));
    expect(outcome.renegotiate).toBe(false);
  });
});

describe('detach', () => {
  it('[R-OWN-3] schedules the end of the session, and does nothing once it is attached elsewhere', async () => {
    const { attempt, room } = await broadcasting();
    await detach(cluster, { ...attempt, role: 'presenter' });
    const { session } = attempt;
    expect(cluster.scheduled).toEqual([{ room, session, epoch: 1, delayMs: 60_000 }]);
    await resume(cluster, newAttempt(room, { session }), 0);
    await detach(cluster, { ...attempt, role: 'presenter' });
    expect(cluster.scheduled).toHaveLength(1);
  });
});
