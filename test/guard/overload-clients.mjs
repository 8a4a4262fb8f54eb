// Clients of every kind of work, in a process of their own, at a rate that does not ask how the node is doing: each kind is
// begun so many times a second for so long, whatever became of those before. Prints one JSON object at the end.
// Argument: JSON {url, room, offers: {presenter, viewer}, seconds, perS: {directory, chat, viewer, presenter, resume, ping}}.
import { once } from 'node:events';
import { Agent, get } from 'node:http';
import { WebSocket } from 'ws';

const { url, room, offers, seconds, perS } = JSON.parse(process.argv[2]);
const subprotocol = 'manycast.v1';
/** Who is in the room and speaks, and who only listens. */
const speakers = 40;
const listeners = 80;
/** A client that is not answered waits with what it would say next: so many are on their way at most. */
const pingsUnderWay = 50;

const begunAtMs = performance.now();
const kinds = Object.fromEntries(
  Object.keys(perS).map(kind => [
    kind,
    { offered: 0, served: 0, refused: 0, failed: 0, waited: 0, firstRefusedMs: null, ms: [] },
  ]),
);
const codes = {};
let phaseAtMs = 0;

/** How one attempt ended: `served`, a code of a refusal that says so, or anything else, which is a failure. */
function ended(kind, outcome, beganAtMs) {
  const now = performance.now();
  const count = kinds[kind];
  if (outcome === 'served') {
    count.served += 1;
    count.ms.push(now - beganAtMs);
    return;
  }
  codes[`${kind}: ${outcome}`] = (codes[`${kind}: ${outcome}`] ?? 0) + 1;
  if (outcome !== 'overloaded') {
    count.failed += 1;
    return;
  }
  count.refused += 1;
  count.firstRefusedMs ??= Math.round(now - phaseAtMs);
}

/** `heard`: of the first message on, which may come with the handshake's answer. */
async function open(protocols = [], heard = () => {}) {
  const ws = new WebSocket(`${url}/one2many?room=${room}`, protocols, { perMessageDeflate: false });
  ws.heard = heard;
  ws.on('message', data => ws.heard(JSON.parse(data)));
  ws.on('error', () => {});
  await once(ws, 'open');
  return ws;
}
const say = (ws, message) => ws.send(JSON.stringify(message));

/** Somebody in the room: a session that can chat and resume. */
async function member() {
  let token;
  const ws = await open([subprotocol], message => {
    token ??= message.resumeToken;
  });
  const answer = new Promise(resolve => {
    ws.heard = message => {
      token ??= message.resumeToken;
      if (message.id === 'viewerResponse') resolve(message);
    };
  });
  say(ws, { id: 'viewer', sdpOffer: offers.viewer, room });
  const { response, code } = await answer;
  if (response !== 'accepted') {
    ws.terminate();
    if (code !== 'overloaded') throw new Error(`a member is not let in: ${code}`);
    await new Promise(resolve => setTimeout(resolve, 1_000));
    return member();
  }
  return { ws, token, pings: 0 };
}

const members = [];
/** One after the other, at leisure: what is measured is what comes later. */
for (let count = 0; count < speakers + listeners; count += 1) {
  members.push(await member());
  await new Promise(resolve => setTimeout(resolve, 30));
}
// The node has forgotten it, too.
await new Promise(resolve => setTimeout(resolve, 3_000));
const said = new Map();
let closed = 0;
for (const { ws } of members.slice(0, speakers)) {
  const entry = members.find(each => each.ws === ws);
  ws.heard = message => {
    if (message.id === 'pong') {
      entry.pings -= 1;
      kinds.ping.served += 1;
    } else if (message.clientId !== undefined && (message.id === 'chatAccepted' || message.id === 'error')) {
      const beganAtMs = said.get(message.clientId);
      said.delete(message.clientId);
      if (beganAtMs !== undefined) ended('chat', message.id === 'error' ? message.code : 'served', beganAtMs);
    }
  };
}
// Their bytes are read and thrown away: a client's parsing is no part of what the node can do.
for (const { ws } of members.slice(speakers)) {
  ws._socket.removeAllListeners('data');
  ws._socket.on('data', () => {});
}
for (const { ws } of members)
  ws.on('close', () => {
    closed += 1;
  });

const agent = new Agent({ keepAlive: true, maxSockets: 64 });
const idle = [];
let number = 0;

const begin = {
  directory() {
    const beganAtMs = performance.now();
    get(`${url.replace(/^ws/, 'http')}/rooms`, { agent }, response => {
      response.resume();
      ended(
        'directory',
        response.statusCode === 200
          ? 'served'
          : response.statusCode === 503
            ? 'overloaded'
            : `${response.statusCode}`,
        beganAtMs,
      );
    }).on('error', error => ended('directory', error.code, beganAtMs));
  },
  chat() {
    number += 1;
    const clientId = `m-${process.pid}-${number}`;
    said.set(clientId, performance.now());
    say(members[number % speakers].ws, { id: 'chat', clientId, text: 'What do you think of this?' });
  },
  viewer: () => join('viewer', room),
  presenter: () => join('presenter', `other-${process.pid}-${++number}`),
  /** Of those who only listen: each in turn comes back on another socket. */
  async resume() {
    const who = members[speakers + (++number % listeners)];
    const { token } = who;
    const beganAtMs = performance.now();
    if (who.isResuming) {
      kinds.resume.waited += 1;
      return;
    }
    who.isResuming = true;
    const ws = new WebSocket(`${url}/one2many?room=${room}`, [subprotocol], { perMessageDeflate: false });
    const end = outcome => {
      if (!who.isResuming) return;
      who.isResuming = false;
      ended('resume', outcome, beganAtMs);
      if (outcome !== 'served') ws.terminate();
    };
    ws.on('unexpected-response', (_, response) =>
      end(response.statusCode === 503 ? 'overloaded' : `${response.statusCode}`),
    );
    ws.on('error', error => end(error.code ?? error.message));
    ws.on('open', () => say(ws, { id: 'resume', resumeToken: token, seq: 0 }));
    ws.on('message', data => {
      const message = JSON.parse(data);
      if (message.id === 'resumed') {
        who.token = message.resumeToken;
        who.ws.removeAllListeners('close');
        who.ws.terminate();
        who.ws = ws;
        ws.removeAllListeners('message');
        end('served');
      } else if (message.id === 'resumeRejected') end(message.code);
    });
  },
  ping() {
    const who = members[++number % speakers];
    if (who.pings >= pingsUnderWay) {
      kinds.ping.waited += 1;
      return;
    }
    who.pings += 1;
    who.ws.send('{"id":"ping"}');
  },
};

/** A tutorial's page that comes, is answered, and goes. */
async function join(role, into) {
  const beganAtMs = performance.now();
  try {
    const ws = idle.pop() ?? (await open());
    ws.heard = message => {
      if (message.id !== `${role}Response`) return;
      ended(role, message.response === 'accepted' ? 'served' : message.code, beganAtMs);
      say(ws, { id: 'stop' });
      idle.push(ws);
      ws.heard = () => {};
    };
    say(ws, { id: role, sdpOffer: offers[role], room: into });
  } catch (error) {
    ended(role, error.message, beganAtMs);
  }
}

process.stdout.write(
  `${JSON.stringify({ ready: members.length, startMs: Math.round(performance.now() - begunAtMs) })}\n`,
);
phaseAtMs = performance.now();
const tickMs = 20;
await new Promise(resolve => {
  const due = Object.fromEntries(Object.keys(perS).map(kind => [kind, 0]));
  const timer = setInterval(() => {
    const atMs = performance.now() - phaseAtMs;
    for (const [kind, rate] of Object.entries(perS))
      for (
        const until = (Math.min(atMs, seconds * 1_000) / 1_000) * rate;
        due[kind] < until;
        due[kind] += 1
      ) {
        kinds[kind].offered += 1;
        begin[kind]();
      }
    if (atMs < seconds * 1_000) return;
    clearInterval(timer);
    resolve();
  }, tickMs);
});
const offeredForMs = performance.now() - phaseAtMs;
const cpu = process.cpuUsage();
// What is under way is answered yet.
const open_ = () =>
  Object.values(kinds).some(
    ({ offered, served, refused, failed, waited }) => offered > served + refused + failed + waited,
  );
for (const untilMs = performance.now() + 15_000; open_() && performance.now() < untilMs; )
  await new Promise(resolve => setTimeout(resolve, 50));
const sorted = values => values.toSorted((a, b) => a - b);
for (const count of Object.values(kinds)) {
  const ms = sorted(count.ms);
  count.p50Ms = Math.round(ms[ms.length >> 1] ?? 0);
  count.p99Ms = Math.round(ms[Math.ceil(ms.length * 0.99) - 1] ?? 0);
  delete count.ms;
}
process.stdout.write(
  `${JSON.stringify({ kinds, codes, membersClosed: closed, offeredForMs: Math.round(offeredForMs), ownCpuMs: Math.round((cpu.user + cpu.system) / 1_000) })}\n`,
);
process.exit(0);
