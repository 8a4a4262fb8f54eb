import { askBackoff, fullJitterMs, halfJitterMs, offerBackoff, type Random } from './backoff.js';
import type { Media } from './media.js';
import { SessionError } from './session-error.js';
import { createAlarm, type Timers } from './timers.js';

export interface AttemptsOrder {
  media: Media;
  timers: Timers;
  random: Random;
  joinAttempts: number;
  waitForPresenter: boolean;
  canSend(): boolean;
  /** For the next peer connection. */
  config(): RTCConfiguration;
  /** The server does not answer on this socket: an answer that is late must not meet the next offer. */
  changeSocket(): void;
  /** A refusal or failure after which it is tried again. */
  onSetback(error: SessionError): void;
  /** Nobody presents; asked again by itself. */
  onWaiting(): void;
  /** It is not tried again. */
  onGivenUp(error: SessionError, hadMedia: boolean): void;
}

/** When to offer, how often, and when to stop. One offer at a time is on its way: answers carry no number. */
export interface Attempts {
  /** Makes an offer now, or as soon as that is possible. */
  offer(): void;
  /** The server was handed an offer. */
  onSent(): void;
  onAccepted(): void;
  onFailed(error: SessionError): void;
  onMediaUp(): void;
  onMediaLost(): void;
  /** A socket carries the session (again). `mustOffer`: what was agreed before is of no use. */
  onAttached(mustOffer: boolean): void;
  /** The broadcast is over: wait for the next one. */
  wait(): void;
  stop(): void;
}

/** Longer than the server lets a viewer wait for a presenter that is just starting. */
const answerTimeoutMs = 20_000;
/** In a row, of a session that had media before: about two minutes. */
const rejoinAttempts = 20;
/** The same where nobody presents: long enough for a presenter that lost its session as well. */
const presenterAttempts = 5;
/** The same where somebody else presents: long enough to find out that it is no former self of this one. */
const takenAttempts = 6;

export function createAttempts(order: AttemptsOrder): Attempts {
  const { media, random } = order;
  const [again, answer] = [createAlarm(order.timers), createAlarm(order.timers)];
  let failures = 0;
  let timesAsked = 0;
  let hadMedia = false;
  /** An offer is wanted that cannot be made yet. */
  let isDue = false;

  function offer() {
    again.clear();
    isDue = !order.canSend() || media.isAsking;
    if (!isDue) media.offer(order.config());
  }

  function wait(atLeastMs = 0) {
    failures = 0;
    hadMedia = isDue = false;
    answer.clear();
    media.close();
    order.onWaiting();
    const delayMs = halfJitterMs(timesAsked, askBackoff, random);
    timesAsked += 1;
    again.set(Math.max(atLeastMs, delayMs), offer);
  }

  function limit({ code, retryAfterMs }: SessionError): number {
    const isNobody = code === 'no-presenter';
    if (!hadMedia) return isNobody && order.waitForPresenter ? 0 : order.joinAttempts;
    // The server says when to ask again if whoever has the place may leave it soon: perhaps a former self.
    const isTaken = code === 'presenter-exists' && retryAfterMs === undefined;
    if (isTaken) return takenAttempts;
    return isNobody ? presenterAttempts : rejoinAttempts;
  }

  function onFailed(error: SessionError) {
    const isNobody = error.code === 'no-presenter';
    answer.clear();
    isDue = false;
    failures += 1;
    if (error.isRetryable && failures < limit(error)) {
      order.onSetback(error);
      again.set(Math.max(error.retryAfterMs ?? 0, fullJitterMs(failures - 1, offerBackoff, random)), offer);
    } else if (isNobody && order.waitForPresenter) wait(error.retryAfterMs);
    else order.onGivenUp(error, hadMedia);
  }

  function onNoAnswer() {
    media.withdraw();
    onFailed(new SessionError('no-answer'));
    if (!again.isSet) return;
    again.clear();
    isDue = true;
    order.changeSocket();
  }

  return {
    offer,
    onSent: () => answer.set(answerTimeoutMs, onNoAnswer),
    onAccepted: () => {
      answer.clear();
      if (isDue) offer();
    },
    onFailed,
    onMediaUp: () => {
      hadMedia = true;
      failures = timesAsked = 0;
    },
    onMediaLost: () => {
      if (media.isReplacing || again.isSet || isDue) return;
      again.set(fullJitterMs(failures, offerBackoff, random), offer);
    },
    onAttached: mustOffer => {
      answer.clear();
      // Whatever was on its way when the socket was lost: its answer does not come any more.
      const isLost = media.isAsking;
      if (isLost) media.withdraw();
      if (mustOffer || isLost || isDue) offer();
      else media.sendCandidates();
    },
    wait: () => wait(),
    stop: () => {
      again.clear();
      answer.clear();
    },
  };
}
