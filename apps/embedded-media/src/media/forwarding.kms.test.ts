import { createLogger } from '@manycast/runtime';
import { afterEach, describe, expect, it } from 'vitest';
import { createMediaPlane, type MediaPlane } from './media-plane.js';
import { type PeerCodecs, SyntheticPeer } from './testing/synthetic-peer.js';
import { until } from './testing/until.js';

const log = createLogger({ name: 'media-test', level: 'fatal' });
const closers: (() => void | Promise<void>)[] = [];

function plane(udpPort = 0): MediaPlane {
  const made = createMediaPlane({ host: '127.0.0.1', udpPort, log });
  closers.unshift(() => made.close());
  return made;
}

function peer(name: string, role: 'publisher' | 'viewer', codecs: PeerCodecs): SyntheticPeer {
  const made = new SyntheticPeer(name, codecs, role);
  closers.unshift(() => made.close());
  return made;
}

afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

const publisherCodecs = { opus: 111, vp8: 96, h264: 102 };

describe('forwarding', () => {
  it('brings sound and picture to a viewer under its own payload types', async () => {
    const media = plane();
    const source = media.createEndpoint({ id: 'publisher' });
    const publisher = peer('publisher', 'publisher', publisherCodecs);
    await publisher.join(source);
    await publisher.connected();
    publisher.startSending();

    const sink = media.createEndpoint({ id: 'viewer' });
    const viewer = peer('viewer', 'viewer', { opus: 109, vp8: 120 });
    await viewer.join(sink);
    source.connect(sink);
    await until('picture', () => viewer.video.length > 20 && viewer.audio.length > 20);

    expect(new Set(viewer.video.map(packet => packet.payloadType))).toEqual(new Set([120]));
    expect(new Set(viewer.audio.map(packet => packet.payloadType))).toEqual(new Set([109]));
  });
});
