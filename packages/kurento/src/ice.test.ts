import { asEndpointId } from '@manycast/protocol';
import { describe, expect, it } from 'vitest';
import { failure, scriptedMedia } from './testing/scripted-media.js';
import { ScriptedError } from './testing/scripted-server.js';

describe('candidates', () => {
  const stage = scriptedMedia();
  const ref = () => ({ server: stage.server.url, endpoint: asEndpointId('pipeline/endpoint') });
  const candidate = { candidate: 'candidate:1 1 UDP 1 1.2.3.4 5 typ host', sdpMid: '0', sdpMLineIndex: 0 };
  const candidates = () =>
    stage.server
      .requestsOf('invoke')
      .filter(({ params }) => params.operation === 'addIceCandidate')
      .map(({ params }) => params.operationParams.candidate);

  it('are typed as Kurento needs them, with no field missing', async () => {
    await stage.open();
    await stage.media.addIceCandidate(ref(), { ...candidate, usernameFragment: 'abcd' });
    await stage.media.addIceCandidate(ref(), { ...candidate, sdpMid: null, sdpMLineIndex: null });
    expect(candidates()).toEqual([
      { __module__: 'kurento', __type__: 'IceCandidate', ...candidate },
      { __module__: 'kurento', __type__: 'IceCandidate', ...candidate, sdpMid: '' },
    ]);
  });

  it('reach an endpoint that another process made, in one request', async () => {
    await stage.open();
    const before = stage.server.requests.length;
    await stage.media.gatherCandidates(ref());
    await stage.media.addIceCandidate(ref(), candidate);
    expect(stage.server.requests.slice(before).map(({ params }) => params.operation)).toEqual([
      'gatherCandidates',
      'addIceCandidate',
    ]);
  });

  // kurento-client's promises resolve undefined on all of these.
  it.each([
    [40101, 'media-gone'],
    [40401, 'bad-candidate'],
    [40003, 'internal'],
  ])('fail with the code of Kurento: %i is %s', async (code, expected) => {
    await stage.open();
    const fail = () => {
      throw new ScriptedError(code);
    };
    stage.server.scripts.set('addIceCandidate', fail);
    stage.server.scripts.set('gatherCandidates', fail);
    const error = { code: expected, cause: { name: 'KurentoError', code } };
    expect(await failure(stage.media.addIceCandidate(ref(), candidate))).toMatchObject(error);
    expect(await failure(stage.media.gatherCandidates(ref()))).toMatchObject(error);
  });
});
