import { createLogger } from '@manycast/runtime';
import { describe, expect, it } from 'vitest';
import { createNegotiatingPlane } from './negotiating-plane.js';
import { parseRemoteDescription } from './remote-description.js';
import { browserOffer } from './testing/browser-offer.js';

const plane = () => createNegotiatingPlane(createLogger({ name: 'test', level: 'silent' }));
const offer = browserOffer([
  { kind: 'audio', mid: '0', direction: 'recvonly' },
  { kind: 'video', mid: '1', direction: 'recvonly' },
]);

describe('a media plane without media', () => {
  it('answers an offer as a peer would read it, and gathers when asked', async () => {
    const endpoint = plane().createEndpoint({ id: 'viewer' });
    const answer = parseRemoteDescription(await endpoint.processOffer(offer));
    expect(answer.transport).toMatchObject({ setup: 'active' });
    expect(answer.sections.map(({ kind, direction }) => `${kind} ${direction}`)).toEqual([
      'audio sendonly',
      'video sendonly',
    ]);
    const gathered = new Promise<string>(resolve => {
      endpoint.on('candidate', ({ candidate }) => resolve(candidate));
    });
    endpoint.gatherCandidates();
    expect(await gathered).toContain('typ host');
  });

  it('refuses what is no offer, and a second one', async () => {
    const endpoint = plane().createEndpoint({ id: 'viewer' });
    await expect(endpoint.processOffer('hello')).rejects.toThrow('v=0');
    await endpoint.processOffer(offer);
    await expect(endpoint.processOffer(offer)).rejects.toThrow('negotiated');
  });
});
