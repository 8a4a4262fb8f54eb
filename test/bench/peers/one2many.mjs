// What Kurento's one2many tutorial is: one process, one connection to the media server, everything in memory, one
// call after another. Written for these benchmarks after that design, with rooms added and its crashes left out.
// Usage: one2many.mjs <port> <media server's URL> [ms]: for how long kurento-client keeps the numbers of answers; 20 s by default.
import KurentoClient from 'kurento-client';
import { WebSocketServer } from 'ws';

const [port, mediaServer, keptMs] = process.argv.slice(2);
const never = () => {};
// Of the connection that stands in for kurento-client's own (packages/kurento/reconnect-ws).
const socket = {
  pingIntervalMs: 10_000,
  missedPings: 6,
  connectTimeoutMs: 5_000,
  maxPayloadBytes: 4 << 20,
  retries: 3,
  delayMs: () => 100,
  isExcused: () => true,
  onStray: never,
  onWire: never,
  onNotification: ({ params }) => listeners.get(params?.value?.object)?.(params.value),
};
/** Endpoint id → what is told of its events. */
const listeners = new Map();
/** Room → {pipeline, endpoint}. */
const presenters = new Map();

const options = {
  strict: false,
  request_timeout: 60_000,
  ...(keptMs && { duplicates_timeout: Number(keptMs) }),
  socket,
};
const kurento = new KurentoClient(mediaServer, options, never);
// Its own callback comes before that connection is up.
kurento._re.on('up', () => {
  const server = new WebSocketServer({ host: '127.0.0.1', port: Number(port), perMessageDeflate: false });
  server.on('connection', ws => serve(ws));
  server.on('listening', () => process.stdout.write('ready\n'));
});

function serve(ws) {
  const client = { ws, room: undefined, role: undefined, endpoint: undefined, candidates: [] };
  ws.on('error', never);
  ws.on('close', () => stop(client));
  ws.on('message', data => {
    const message = JSON.parse(data.toString());
    switch (message.id) {
      case 'presenter':
        return startPresenter(client, message);
      case 'viewer':
        return startViewer(client, message);
      case 'stop':
        return stop(client);
      case 'onIceCandidate':
        if (client.endpoint) client.endpoint.addIceCandidate(message.candidate);
        else client.candidates.push(message.candidate);
        return;
      default:
        return send(ws, { id: 'error', message: `Invalid message ${message.id}` });
    }
  });
}

function startPresenter(client, { sdpOffer, room = 'default' }) {
  const reject = rejecter(client, 'presenterResponse');
  if (presenters.has(room))
    return reject('Another user is currently acting as presenter. Try again later ...');
  const presenter = { pipeline: undefined, endpoint: undefined };
  presenters.set(room, presenter);
  Object.assign(client, { room, role: 'presenter' });
  kurento.create('MediaPipeline', (error, pipeline) => {
    if (error) return reject(error);
    presenter.pipeline = pipeline;
    pipeline.create('WebRtcEndpoint', (error, endpoint) => {
      if (error) return reject(error);
      presenter.endpoint = endpoint;
      attach(client, endpoint);
      endpoint.processOffer(sdpOffer, (error, sdpAnswer) => {
        if (error) return reject(error);
        send(client.ws, { id: 'presenterResponse', response: 'accepted', sdpAnswer });
        endpoint.gatherCandidates(error => error && reject(error));
      });
    });
  });
}

function startViewer(client, { sdpOffer, room = 'default' }) {
  const reject = rejecter(client, 'viewerResponse');
  const presenter = presenters.get(room);
  if (!presenter?.endpoint) return reject('No active presenter. Try again later...');
  Object.assign(client, { room, role: 'viewer' });
  presenter.pipeline.create('WebRtcEndpoint', (error, endpoint) => {
    if (error) return reject(error);
    attach(client, endpoint);
    endpoint.processOffer(sdpOffer, (error, sdpAnswer) => {
      if (error) return reject(error);
      presenter.endpoint.connect(endpoint, error => {
        if (error) return reject(error);
        send(client.ws, { id: 'viewerResponse', response: 'accepted', sdpAnswer });
        endpoint.gatherCandidates(error => error && reject(error));
      });
    });
  });
}

function attach(client, endpoint) {
  client.endpoint = endpoint;
  for (const candidate of client.candidates.splice(0)) endpoint.addIceCandidate(candidate);
  listeners.set(endpoint.id, ({ type, data }) => {
    if (type === 'IceCandidateFound') send(client.ws, { id: 'iceCandidate', candidate: data.candidate });
  });
  endpoint.on('IceCandidateFound', never);
}

function stop(client) {
  const { endpoint, role, room } = client;
  Object.assign(client, { endpoint: undefined, role: undefined });
  if (endpoint) listeners.delete(endpoint.id);
  if (role === 'viewer') endpoint?.release();
  if (role !== 'presenter') return;
  presenters.get(room)?.pipeline?.release();
  presenters.delete(room);
}

const rejecter = (client, id) => reason =>
  send(client.ws, { id, response: 'rejected', message: String(reason.message ?? reason) });

function send(ws, message) {
  if (ws.readyState === ws.OPEN) ws.send(JSON.stringify(message));
}
