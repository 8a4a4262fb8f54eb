import { afterEach, describe, expect, it } from 'vitest';
import { isUnbroken, Stage } from './testing/stage.js';
import { until } from './testing/until.js';

const stage = new Stage();
afterEach(() => stage.end());

describe('a publisher', () => {
  it('is reported to, and keeps a bitrate to send at', async () => {
    const media = stage.plane();
    const { source, publisher } = await stage.broadcast(media);
    source.setMaxVideoRecvBandwidth(900);
    await until('REMB', () => publisher.ofType('remb').some(remb => remb.bitrateBps <= 900_000));
    const remb = publisher.ofType('remb').at(-1);
    expect(remb?.ssrcs).toEqual([publisher.videoSsrc]);
    expect(remb?.bitrateBps).toBeGreaterThan(890_000);
    const reports = publisher.ofType('receiver-report').flatMap(message => message.reports);
    expect(new Set(reports.map(report => report.ssrc))).toEqual(
      new Set([publisher.audioSsrc, publisher.videoSsrc]),
    );
    expect(reports.at(-1)?.fractionLost).toBe(0);
  });

  it('is asked for what was lost on its way, and the repair reaches the viewer in place', async () => {
    const media = stage.plane();
    const { source, publisher } = await stage.broadcast(media);
    const { peer } = await stage.joined(media, 'viewer', { opus: 111, vp8: 96 }, source);
    await until('picture', () => peer.video.length > 5);
    const lost = publisher.sequence & 0xffff;
    publisher.sendVideo('inter', { isLost: true });
    await until('asked for it', () =>
      publisher.ofType('nack').some(nack => nack.sequenceNumbers.includes(lost)),
    );
    publisher.sendVideo('inter', { sequence: lost });
    await until('whole again', () => {
      const numbers = peer.video.map(packet => packet.sequenceNumber);
      const sorted = numbers.map(number => (number - (numbers[0] ?? 0)) & 0xffff).sort((a, b) => a - b);
      return sorted.length > 10 && isUnbroken(sorted);
    });
  });

  it('that stops sending stops flowing, and flows again', async () => {
    const media = stage.plane();
    const { source, publisher } = await stage.broadcast(media);
    const changes: string[] = [];
    source.on('flow-out', ({ media: kind, isFlowing }) => changes.push(`${kind} ${isFlowing}`));
    publisher.stopSending();
    await until('silence', () => !source.isFlowingOut('VIDEO') && !source.isFlowingOut('AUDIO'));
    publisher.startSending();
    await until('sound and picture', () => source.isFlowingOut('VIDEO') && source.isFlowingOut('AUDIO'));
    expect(changes.sort()).toEqual(['AUDIO false', 'AUDIO true', 'VIDEO false', 'VIDEO true']);
  });
});
