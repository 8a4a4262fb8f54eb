// A bare forwarding loop on libdatachannel: one publisher, whatever it sends goes to every viewer as it came. What a
// media server does besides (feedback, repair, numbering, statistics, sessions) is left out.
// Usage: forwarding-loop.mjs <port>. POST /publisher or /viewer with an offer that has its candidates; answers likewise.
import { createServer } from 'node:http';
import { PeerConnection, Video } from 'node-datachannel';

const [port] = process.argv.slice(2);
// What nobody holds is collected, and its media with it.
const held = [];
const viewers = [];
const bindAddress = '127.0.0.1';

const http = createServer(async (request, response) => {
  let offer = '';
  for await (const part of request) offer += part;
  response.end(await answer(offer, request.url === '/publisher'));
});
http.listen(Number(port), '127.0.0.1', () => process.stdout.write('ready\n'));

function answer(offer, isPublisher) {
  const connection = new PeerConnection(`peer-${held.length}`, { iceServers: [], bindAddress });
  const video = new Video('video', isPublisher ? 'RecvOnly' : 'SendOnly');
  video.addVP8Codec(96);
  // The publisher's own: packets go on unchanged.
  if (!isPublisher) video.addSSRC(4242, 'video', 'video', 'video');
  const track = connection.addTrack(video);
  held.push(connection, track);
  track.onClosed(() => {});
  if (isPublisher) {
    track.onMessage(packet => {
      for (const viewer of viewers) if (viewer.isOpen()) viewer.sendMessageBinary(packet);
    });
  } else viewers.push(track);
  return new Promise(resolve => {
    connection.onGatheringStateChange(state => {
      if (state === 'complete') resolve(connection.localDescription().sdp);
    });
    connection.setRemoteDescription(offer, 'offer');
  });
}
