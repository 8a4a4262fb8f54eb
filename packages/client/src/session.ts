import type {
  PresenterResponse,
  Renegotiate,
  Resumed,
  RoomChange,
  ViewerResponse,
  Welcome,
} from '@manycast/protocol';
import { createAttempts } from './attempts.js';
import { type Chat, createChat } from './chat.js';
import { createEmitter } from './emitter.js';
import { createEventSequencer } from './event-sequencer.js';
import { createLink, type SessionMessage } from './link.js';
import { createMedia } from './media.js';
import { createNodeList, type NodeList } from './node-list.js';
import { SessionError } from './session-error.js';
import type { SessionEvents } from './session-events.js';
import { type SessionOptions, type WholeOptions, withDefaults } from './session-options.js';
import { nextState, type SessionMove, type SessionState, type SessionStateName } from './session-state.js';
import { createTokenSource } from './token-source.js';

/** One participant in one room; outlives sockets, nodes and media servers. */
export interface Session {
  readonly state: SessionStateName;
  /** The server's name for it; changes when it had to be restarted. */
  readonly id: string | undefined;
  /** The node that serves it at the moment, or did last. */
  readonly node: string | undefined;
  /** Viewers: what arrives, the same object for as long as the session lasts. Undefined where there is no MediaStream. */
  readonly stream: MediaStream | undefined;
  /** The one that carries the media, or is about to; another one after a renegotiation. */
  readonly peerConnection: RTCPeerConnection | undefined;
  /** Returns a function that takes the listener off again. */
  on<Name extends keyof SessionEvents>(
    name: Name,
    listener: (event: SessionEvents[Name]) => void,
  ): () => void;
  /** What is said in the room; events `chat`, `chatState` and `presence` tell of it. */
  readonly chat: Chat;
  /**
   * Ends the session, for good and at once; resolves when the server knows. A server that is out of reach learns it
   * when the session's grace period is over.
   */
  leave(): Promise<void>;
}

/** Concern single candidates: ICE goes on with the others, and says so when it cannot. */
const aboutCandidates: ReadonlySet<string> = new Set([
  'bad-candidate',
  'too-many-candidates',
  'out-of-order',
]);

/**
 * Starts a session and returns it at once: everything is told by events, the first of them later than this call.
 * Throws SessionError `bad-address` where an address cannot be read.
 */
export function openSession(given: SessionOptions): Session {
  const options = withDefaults(given);
  const { role, room } = options;
  const tokens = createTokenSource(options.token);
  const events = createEmitter<SessionEvents>();
  const sequencer = createEventSequencer();
  let state: SessionState = { name: 'connecting' };
  let welcome: Welcome | undefined;
  let node: string | undefined;
  let reconnects = 0;
  /** The server may know this session: an offer was sent and not refused. */
  let isJoined = false;
  /** It took one of them. */
  let wasAccepted = false;
  let isFilling = false;
  /** Of the broadcast that is live, and the newest that was ordered to be offered for. */
  let liveGeneration = 0;
  let orderedGeneration = 0;

  const media = createMedia({
    ...options,
    source: options.stream,
    sendOffer: sdpOffer => {
      const token = tokens.current;
      const isSent = link.send({ id: role, sdpOffer, room, ...(token !== undefined && { token }) });
      if (isSent) attempts.onSent();
      isJoined ||= isSent;
      return isSent;
    },
    sendCandidate: candidate => link.send({ id: 'onIceCandidate', candidate }),
    onTrack: track => events.emit('track', { track, stream: media.stream }),
    onUp: () => {
      attempts.onMediaUp();
      move({ type: 'media-up' });
      events.emit('media', { isFlowing: true });
    },
    onInterrupted: () => events.emit('media', { isFlowing: false }),
    onLost: () => {
      move({ type: 'media-lost' });
      attempts.onMediaLost();
    },
    onFailed: (code, cause) => attempts.onFailed(new SessionError(code, { cause })),
  });

  const attempts = createAttempts({
    ...options,
    media,
    canSend: () => link.canSend,
    config: () => ({ iceServers: welcome?.iceServers ?? [] }),
    changeSocket: () => link.move(),
    onSetback: error => events.emit('error', error),
    onWaiting: () => move({ type: 'no-presenter' }),
    onGivenUp: (error, hadMedia) =>
      error.code === 'no-presenter' && hadMedia
        ? end({ type: 'ended', reason: 'presenter-left' })
        : end({ type: 'ended', reason: 'failed', error }),
  });

  const chat = createChat({
    timers: options.timers,
    send: message => link.send(message),
    onEntry: entry => events.emit('chat', entry),
    onLost: offset => events.emit('chatGap', { offset }),
  });

  const link = createLink({
    ...options,
    nodes: readAddresses(options),
    position: () => (isJoined ? sequencer.seq : undefined),
    chatPosition: chat.position,
    onFresh,
    onResumed,
    onMessage,
    onLost: delayMs => {
      reconnects += 1;
      move({ type: 'socket-lost' });
      events.emit('reconnecting', { attempt: reconnects, delayMs });
    },
    onEnded: error =>
      end({ type: 'ended', reason: error.code === 'superseded' ? 'superseded' : 'failed', error }),
  });

  function move(step: SessionMove) {
    const next = nextState(state, step);
    if (next === state) return;
    state = next;
    events.emit('state', state);
  }

  function end(step: Extract<SessionMove, { type: 'ended' }>): Promise<void> {
    if (state.name === 'ended') return Promise.resolve();
    attempts.stop();
    chat.close();
    const closed = link.close(isJoined ? { id: 'leave' } : undefined);
    media.close();
    options.signal?.removeEventListener('abort', leave);
    move(step);
    const { reason, error } = step;
    events.emit('ended', { reason, ...(error && { error }) });
    return closed;
  }
  const leave = () => end({ type: 'ended', reason: 'left' });

  function onAttached(by: Welcome) {
    welcome = by;
    node = by.node;
    reconnects = 0;
    isFilling = false;
    move({ type: 'attached' });
  }

  function onFresh(greeting: Welcome, refusal?: SessionError) {
    const hasLostOne = wasAccepted;
    forget();
    sequencer.reset();
    chat.onRestarted();
    onAttached(greeting);
    if (refusal && hasLostOne) events.emit('restarted', { reason: refusal });
    const attach = () => attempts.onAttached(state.name !== 'waiting');
    const mayBeOld = tokens.current === undefined || refusal !== undefined;
    if (tokens.isRenewable && mayBeOld) withToken(attach);
    else attach();
  }

  function withToken(proceed: () => void) {
    tokens.renew().then(
      () => state.name !== 'ended' && proceed(),
      cause => {
        end({ type: 'ended', reason: 'failed', error: new SessionError('no-token', { cause }) });
      },
    );
  }

  /** Without another one the session ends when the present one does. */
  function onTokenExpiring() {
    if (!tokens.isRenewable) return;
    tokens.renew().then(
      token => token !== undefined && link.send({ id: 'authorize', token }),
      cause => events.emit('error', new SessionError('no-token', { cause })),
    );
  }

  function onResumed(resumed: Resumed, greeting: Welcome) {
    const before = sequencer.seq;
    const { changes, isComplete } = sequencer.catchUp(resumed);
    onAttached({ ...greeting, session: welcome?.session ?? greeting.session, node: resumed.node });
    events.emit('resumed', { node: resumed.node, missedEvents: changes.length });
    if (!isComplete) events.emit('gap', { seq: before, isLost: true, room: resumed.room });
    for (const change of changes) events.emit('room', change);
    if (resumed.room.state === 'ended' && role === 'viewer' && wasAccepted) return onBroadcastOver();
    if (resumed.room.state === 'live') liveGeneration = resumed.room.generation;
    if (resumed.renegotiate) orderedGeneration = Math.max(orderedGeneration, resumed.room.generation);
    attempts.onAttached(resumed.renegotiate);
  }

  function onMessage(message: SessionMessage) {
    switch (message.id) {
      case 'welcome':
        welcome = message;
        break;
      case 'presenterResponse':
      case 'viewerResponse':
        if (media.isAsking && message.id === `${role}Response`) onResponse(message);
        break;
      case 'iceCandidate':
        media.addCandidate(message.candidate);
        break;
      case 'room':
        onRoomChange(message);
        break;
      case 'gap':
        if (message.seq > sequencer.seq) events.emit('gap', { seq: sequencer.seq, isLost: true });
        sequencer.skipTo(message.seq);
        break;
      case 'renegotiate':
        onRenegotiate(message);
        break;
      case 'stopCommunication':
        if (role === 'viewer' && isJoined) onBroadcastOver();
        break;
      case 'iceServers':
        if (welcome) welcome = { ...welcome, iceServers: message.iceServers };
        break;
      case 'tokenExpiring':
        onTokenExpiring();
        break;
      case 'error':
        onError(new SessionError(message.code, message), message.field, message.clientId);
        break;
      case 'chat':
        return chat.onEntry(message);
      case 'chatState':
        chat.onState(message);
        return events.emit('chatState', message);
      case 'chatAccepted':
        return chat.onAccepted(message);
      case 'chatHistory':
        return chat.onAnswer(message);
      case 'presence':
        return events.emit('presence', {
          viewers: message.viewers,
          isPresenterAway: message.isPresenterAway,
        });
      case 'moderated':
        return chat.onAnswer(message);
      case 'roster':
        chat.onAnswer(message);
    }
  }

  function onResponse(response: PresenterResponse | ViewerResponse) {
    if (response.response === 'rejected') return refused(new SessionError(response.code, response));
    // Its events count from wherever it joined.
    if (!wasAccepted) sequencer.reset();
    wasAccepted = true;
    move({ type: 'accepted' });
    events.emit('accepted', {});
    media.accept(response.sdpAnswer);
    attempts.onAccepted();
  }

  /** The server has ended it: there is nothing to resume. */
  function forget() {
    isJoined = wasAccepted = false;
    liveGeneration = orderedGeneration = 0;
  }

  function refused(error: SessionError) {
    // The session is attached elsewhere by now: most likely by this client, which is just moving.
    if (error.code === 'fenced') return;
    if (!wasAccepted) forget();
    media.withdraw();
    attempts.onFailed(error);
  }

  /** An error before the media is up is the end of that attempt, unless it is about something else. */
  function onError(error: SessionError, field = '', clientId?: string) {
    if (chat.onError(clientId, error)) return;
    const isRefusal = media.isReplacing && !field.startsWith('candidate') && !aboutCandidates.has(error.code);
    if (isRefusal) refused(error);
    else events.emit('error', error);
  }

  function onRoomChange(change: RoomChange) {
    switch (sequencer.place(change)) {
      case 'known':
        return;
      case 'gap':
        if (!isFilling) events.emit('gap', { seq: sequencer.seq, isLost: false });
        isFilling = true;
        return link.move();
      case 'next': {
        events.emit('room', change);
        if (change.type === 'presenter-live') liveGeneration = change.generation;
        const isOver = change.type === 'presenter-left';
        if (isOver && role === 'viewer' && wasAccepted && change.generation >= liveGeneration)
          onBroadcastOver();
      }
    }
  }

  function onRenegotiate(order: Renegotiate) {
    // The same order may come over the former socket and the new one.
    if (!isJoined || (order.reason === 'media-moved' && order.generation <= orderedGeneration)) return;
    orderedGeneration = Math.max(orderedGeneration, order.generation);
    if (order.reason === 'media-lost') media.lose();
    attempts.offer();
  }

  function onBroadcastOver() {
    forget();
    if (options.waitForPresenter) attempts.wait();
    else end({ type: 'ended', reason: 'presenter-left' });
  }

  if (options.signal?.aborted) queueMicrotask(leave);
  options.signal?.addEventListener('abort', leave);

  return {
    get state() {
      return state.name;
    },
    get id() {
      return welcome?.session;
    },
    get node() {
      return node;
    },
    stream: role === 'viewer' ? media.stream : undefined,
    get peerConnection() {
      return media.peer;
    },
    on: events.on,
    chat: { say: chat.say, history: chat.history, moderate: chat.moderate, roster: chat.roster },
    leave,
  };
}

function readAddresses({ url, urls = [url as string], room, random }: WholeOptions): NodeList {
  try {
    return createNodeList(urls, room, random);
  } catch (cause) {
    throw new SessionError('bad-address', { cause });
  }
}
