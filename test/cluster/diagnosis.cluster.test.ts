import { describe, expect, it } from 'vitest';
import type { RunningProcess } from '../support/child-process.js';
import { freePort } from '../support/free-port.js';
import type { Json } from '../support/kurento-rpc.js';
import { ResumingClient } from '../support/resuming-client.js';
import { Stage } from '../support/stage.js';
import { waitFor } from '../support/wait-for.js';

const adminPort = await freePort();

describe('a session’s diagnosis', () => {
  const stage = new Stage({
    nodes: 2,
    controllers: 1,
    env: { MANYCAST_LOG_LEVEL: 'info', MANYCAST_VIEWER_GRACE_MS: '500' },
    controllerEnv: {
      MANYCAST_LOG_LEVEL: 'info',
      MANYCAST_VIEWER_GRACE_MS: '500',
      MANYCAST_SETTLE_MS: '500',
      MANYCAST_ADMIN_OPEN: 'true',
      MANYCAST_ADMIN_PORT: String(adminPort),
    },
    mediaEnv: { MANYCAST_LOG_LEVEL: 'info' },
  });
  const admin = async (path: string): Promise<Json> =>
    (await fetch(`http://127.0.0.1:${adminPort}/v1${path}`)).json();
  const diagnose = (session: string): Promise<Json> => admin(`/sessions/${session}/diagnosis`);
  const saysOfTrace = (process: RunningProcess | undefined, trace: string, message: string): boolean =>
    process?.log.lines.some(line => line.includes(trace) && line.includes(message)) ?? false;

  const untilVerdict = (session: string, code: string, events: string[] = []): Promise<Json> =>
    waitFor(
      `the verdict ${[code, ...events].join(', ')}`,
      async () => {
        const diagnosis = await diagnose(session);
        const noted: string[] = (diagnosis.events ?? []).map(({ what }: { what: string }) => what);
        const isThere = diagnosis.verdict?.code === code && events.every(event => noted.includes(event));
        return isThere ? diagnosis : undefined;
      },
      { timeoutMs: 30_000, intervalMs: 200 },
    );

  it('tells what happened, what the media server sees, and how it stands', async () => {
    const room = stage.newRoom();
    const presenter = await stage.presenter(0, room);
    const viewer = await ResumingClient.open('viewer', stage.node(1).wsUrl('/one2many'), room);
    await viewer.join();

    const { sessions } = await admin(`/rooms/${room}/sessions`);
    const presenting = sessions.find(({ role }: { role: string }) => role === 'presenter');
    // What happened is noted a moment later.
    const flowing = await untilVerdict(viewer.session, 'flowing', ['media-flowing']);
    expect(flowing).toMatchObject({ room, role: 'viewer', isOver: false, node: stage.node(1).nodeId });
    expect(flowing.endpoint).toMatchObject({ state: 'seen', connection: 'connected' });
    expect(flowing.endpoint.bytesOutPerS).toBeGreaterThan(0);
    expect(flowing.events.map(({ what }: { what: string }) => what)).toEqual(
      expect.arrayContaining(['offered', 'answered', 'connected', 'media-flowing']),
    );
    expect((await untilVerdict(presenting.id, 'flowing')).verdict.words).toMatch(/receives it/);

    // One id finds the join in the logs of its node, of the media server and of the controller that ends it.
    const { trace } = flowing;
    expect(trace).toMatch(/^[0-9a-f]{32}$/);
    expect(saysOfTrace(stage.node(1).process, trace, 'joined')).toBe(true);
    expect(saysOfTrace(stage.cluster.media[0]?.process, trace, 'made for a join')).toBe(true);
    viewer.vanish();
    const ended = await untilVerdict(viewer.session, 'ended');
    expect(ended).toMatchObject({ isOver: true, trace, verdict: { words: /detached/ } });
    const [controller] = stage.cluster.controllers;
    await waitFor('the controller to say so', () =>
      saysOfTrace(controller?.process, trace, 'session expired'),
    );
    presenter.stop();
  });

  it('says that the presenter is at fault when nobody sees anything', async () => {
    const room = stage.newRoom();
    const presenter = await stage.presenter(0, room);
    const viewer = await ResumingClient.open('viewer', stage.node(0).wsUrl('/one2many'), room);
    await viewer.join();
    presenter.peer?.stopSending();
    await untilVerdict(viewer.session, 'presenter-silent');
    await viewer.leave();
    presenter.stop();
  });

  it('takes the id that the client gives its join, and tells why it was refused', async () => {
    const room = stage.newRoom();
    const wire = await stage.wire();
    const offer = { id: 'viewer', sdpOffer: stage.offers.viewer, room, trace: 'support-case-4711' };
    expect(await wire.ask(offer, 'viewerResponse')).toMatchObject({ response: 'rejected' });
    expect(await wire.ask({ ...offer, trace: 'not one, really' }, 'error')).toMatchObject({ field: 'trace' });
    const line = await waitFor('the line of the refusal', () =>
      stage.node(0).process.log.lines.find(each => each.includes('"trace":"support-case-4711"')),
    );
    const { session } = JSON.parse(line);
    const refused = await untilVerdict(session, 'refused');
    expect(refused).toMatchObject({ trace: 'support-case-4711', verdict: { words: /no-presenter/ } });
  });

  it('of a session that nobody knows says just that', async () => {
    expect(await diagnose('00000000-0000-4000-8000-000000000000')).toMatchObject({ code: 'session-unknown' });
  });
});
