import { asEndpointId, asPipelineId } from '@manycast/protocol';
import { describe, expect, it } from 'vitest';
import { failure, scriptedMedia, until } from './testing/scripted-media.js';
import { never, type Request, ScriptedError } from './testing/scripted-server.js';

describe('a guardian', () => {
  const stage = scriptedMedia();
  const pipeline = asPipelineId('p_kurento.MediaPipeline');
  const guard = (id = pipeline) => stage.media.inspector.guard({ server: stage.server.url, pipeline: id });
  const children = (count: number) =>
    Array.from({ length: count }, (_, index) => `${pipeline}/${index}_kurento.WebRtcEndpoint`);
  const gone = () => {
    throw new ScriptedError(40101);
  };
  const operations = () =>
    stage.server.requestsOf('transaction').flatMap(({ params }) => params.operations as Request[]);
  const referred = (from = 0) =>
    operations()
      .filter(({ method }) => method === 'ref')
      .slice(from)
      .map(({ params }) => params.object);
  const listings = () => stage.server.requests.filter(({ params }) => params?.operation === 'getChildren');
  async function loseSessions(): Promise<void> {
    stage.server.sessions.clear();
    stage.server.dropAll();
    await until('the server to be seen down', () => stage.states.includes('down'));
    await stage.linksAreUp(3);
  }

  it('passes over an endpoint that ended since they were listed, and refers to all the others', async () => {
    await stage.open();
    const [first, second, ended, last] = children(4) as [string, string, string, string];
    stage.server.scripts.set('getChildren', () => ({ value: [first, second, ended, last] }));
    stage.server.scripts.set('ref', ({ object }) => (object === ended ? gone() : {}));
    await guard();
    expect(referred()).toEqual([first, second, ended, last, last]);
  });

  it('asks for references in one session, that of the listing', async () => {
    await stage.open();
    stage.server.scripts.set('getChildren', () => ({ value: children(600) }));
    await guard();
    const [, ...batches] = stage.server.requestsOf('transaction');
    expect(batches.map(({ params }) => params.operations.length)).toEqual([250, 250, 100]);
    const sessions = [...batches, ...listings()].map(({ params }) => params.sessionId);
    expect(new Set(sessions).size).toBe(1);
  });

  it('says so when there is nothing to guard, and keeps nothing in mind', async () => {
    await stage.open();
    stage.server.scripts.set('getChildren', gone);
    expect(await failure(guard())).toMatchObject({ code: 'media-gone' });
    await loseSessions();
    await stage.media.inspector.states({ server: stage.server.url, endpoint: asEndpointId('e') });
    expect(listings()).toHaveLength(1);
  });

  it('guards again in a new session, and goes on after another loss in the middle of that', async () => {
    await stage.open({ linksPerServer: 1 });
    const pipelines = ['a', 'b', 'c'].map(id => asPipelineId(`${id}_kurento.MediaPipeline`));
    stage.server.scripts.set('getChildren', ({ object }) => ({ value: [`${object}/child`] }));
    for (const id of pipelines) await guard(id);
    const all = pipelines.map(id => `${id}/child`);
    expect(referred()).toEqual(all);

    stage.server.scripts.set('ref', ({ object }) => (object === all[1] ? never : {}));
    stage.server.sessions.clear();
    stage.server.dropAll();
    await until('the second to be asked for', () => referred(3).length === 2);
    stage.server.scripts.delete('ref');
    // The session lives on this time.
    stage.server.dropAll();
    await until('the third', () => referred().at(-1) === all[2]);
    expect(new Set(referred(4))).toEqual(new Set(all.slice(1)));
  });

  it('does not take no answer in time for an answer', async () => {
    await stage.open({ linksPerServer: 1, requestTimeoutMs: 100 });
    stage.server.scripts.set('getChildren', () => ({ value: [`${pipeline}/child`] }));
    await guard();
    stage.server.scripts.set('ref', () => never);
    stage.server.sessions.clear();
    stage.server.dropAll();
    await until('it to be asked for', () => referred(1).length === 1);
    stage.server.scripts.delete('ref');
    await until('it to be asked for again', () => referred(1).length === 2);
  });

  it('forgets what the server says is gone', async () => {
    await stage.open({ linksPerServer: 1 });
    stage.server.scripts.set('getChildren', () => ({ value: [] }));
    const kept = asPipelineId('kept_kurento.MediaPipeline');
    await guard();
    await guard(kept);
    const socket = stage.server.requestsOf('transaction')[0]?.socket as number;
    const manager = 'manager_ServerManager';
    stage.server.sendEvent(socket, manager, 'ObjectDestroyed', { objectId: pipeline });
    await stage.media.inspector.states({ server: stage.server.url, endpoint: asEndpointId('e') });
    const before = listings().length;
    stage.server.sessions.clear();
    stage.server.dropAll();
    await until('the other to be guarded again', () => listings().length > before);
    await stage.media.inspector.states({ server: stage.server.url, endpoint: asEndpointId('e') });
    expect(
      listings()
        .slice(before)
        .map(({ params }) => params.object),
    ).toEqual([kept]);
  });

  it('[R-KMS-3] looks for nothing on a restarted server', async () => {
    await stage.open();
    stage.server.scripts.set('getChildren', () => ({ value: [] }));
    await guard();
    await stage.server.restart();
    await until('the restart', () => stage.states.includes('restarted'));
    await stage.linksAreUp(3);
    await stage.media.inspector.states({ server: stage.server.url, endpoint: asEndpointId('e') });
    expect(listings()).toHaveLength(1);
  });
});
