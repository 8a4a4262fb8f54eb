import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { MediaEndpoint } from '../media-endpoint.js';

/**
 * Publishes VP8 and reports on it as a browser does, only more often, in a process of its own that can
 * be killed without a goodbye.
 */
const PROGRAM = `
import { createInterface } from 'node:readline';
import { Audio, PeerConnection, Video } from 'node-datachannel';
const say = message => process.stdout.write(JSON.stringify(message) + '\\n');
const connection = new PeerConnection('vanishing', { iceServers: [], bindAddress: '127.0.0.1' });
const media = new Video('v', 'SendOnly');
media.addVP8Codec(96);
media.addSSRC(77, 'vanishing', 'vanishing', 'v');
const track = connection.addTrack(media);
let sequence = 0;
track.onOpen(() => setInterval(() => {
  const packet = Buffer.from([0x80, 0xe0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 77, 0x10, 0, 0, 0]);
  packet.writeUInt16BE(sequence & 0xffff, 2);
  packet.writeUInt32BE(sequence++ * 3000, 4);
  track.sendMessageBinary(packet);
  if (sequence % 10 !== 0) return;
  const report = Buffer.alloc(28);
  report.set([0x80, 200, 0, 6, 0, 0, 0, 77, 0xe0]);
  track.sendMessageBinary(report);
}, 33));
connection.onLocalCandidate(candidate => say({ candidate }));
connection.setLocalDescription('offer');
say({ offer: connection.localDescription().sdp });
createInterface({ input: process.stdin }).on('line', line => {
  const { answer, candidate } = JSON.parse(line);
  if (answer) connection.setRemoteDescription(answer, 'answer');
  else connection.addRemoteCandidate(candidate, 'v');
});
`;

export class VanishingPeer {
  private constructor(private readonly child: ChildProcess) {}

  static async join(endpoint: MediaEndpoint): Promise<VanishingPeer> {
    const child = spawn(process.execPath, ['--input-type=module', '-e', PROGRAM], {
      cwd: import.meta.dirname,
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const tell = (message: object) => child.stdin.write(`${JSON.stringify(message)}\n`);
    await new Promise<void>((resolve, reject) => {
      child.once('error', reject);
      createInterface({ input: child.stdout }).on('line', async line => {
        const { offer, candidate } = JSON.parse(line);
        if (candidate) endpoint.addIceCandidate({ candidate, sdpMid: 'v', sdpMLineIndex: 0 });
        if (!offer) return;
        try {
          const answer = await endpoint.processOffer(offer);
          tell({ answer });
          endpoint.on('candidate', ({ candidate: ours }) => tell({ candidate: ours }));
          endpoint.gatherCandidates();
          resolve();
        } catch (error) {
          reject(error);
        }
      });
    });
    return new VanishingPeer(child);
  }

  kill(): void {
    this.child.kill('SIGKILL');
  }
}
