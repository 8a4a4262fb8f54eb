import type { ChatEntryMessage, ChatHistoryPage } from '@manycast/protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import { type ChatKeeper, createChat } from './chat.js';
import { SessionError } from './session-error.js';
import type { Sent } from './signaling-socket.js';
import { ManualTimers } from './testing/manual-timers.js';

let timers: ManualTimers;
let sent: Sent[];
let told: number[];
let lost: number[];
let isUp: boolean;
let chat: ChatKeeper;
beforeEach(() => {
  timers = new ManualTimers();
  [sent, told, lost, isUp] = [[], [], [], true];
  chat = createChat({
    timers,
    send: message => {
      if (isUp) sent.push(message);
      return isUp;
    },
    onEntry: ({ offset }) => told.push(offset),
    onLost: offset => lost.push(offset),
  });
});

const entry = (offset: number, epoch = 'a'): ChatEntryMessage => ({
  ...{ id: 'chat', type: 'message', epoch, offset, atMs: 0, intoMs: 0 },
  ...{ from: 'somebody', name: null, isModerator: false, clientId: 'c', text: `${offset}` },
});
const state = (offset: number, epoch = 'a') =>
  chat.onState({ id: 'chatState', epoch, offset, isOpen: true, slowModeMs: 0 });
const idOf = (message: Sent | undefined) => (message as { clientId: string } | undefined)?.clientId ?? '';
const settle = () => new Promise(resolve => setImmediate(resolve));

async function answerPage(page: Partial<ChatHistoryPage>): Promise<void> {
  const asked = sent.pop();
  expect(asked).toMatchObject({ id: 'chatHistory' });
  const whole = {
    id: 'chatHistory' as const,
    clientId: idOf(asked),
    epoch: 'a',
    first: 1,
    last: 0,
    entries: [],
  };
  chat.onAnswer({ ...whole, ...page });
  await settle();
}

describe('entries', () => {
  it('are told in order and each once, whatever comes twice', () => {
    state(4);
    for (const offset of [4, 5, 6, 6, 5, 7]) chat.onEntry(entry(offset));
    expect(told).toEqual([5, 6, 7]);
    expect(chat.position()).toEqual({ chatEpoch: 'a', chatOffset: 7 });
  });

  it('that were left out are fetched, page by page, before later ones are told', async () => {
    state(1);
    chat.onEntry(entry(5));
    expect(sent).toMatchObject([{ id: 'chatHistory', epoch: 'a', after: 1 }]);
    await answerPage({ last: 6, entries: [entry(2), entry(3)] });
    expect(told).toEqual([2, 3]);
    await answerPage({ last: 6, entries: [entry(4), entry(5), entry(6)] });
    expect(told).toEqual([2, 3, 4, 5, 6]);
    expect(sent).toEqual([]);
  });

  it('that came last of all and were left out show in the state', async () => {
    state(1);
    state(3);
    await answerPage({ last: 3, entries: [entry(2), entry(3)] });
    expect(told).toEqual([2, 3]);
  });

  it('that are not kept any more are said to be lost', async () => {
    state(1);
    chat.onEntry(entry(9));
    await answerPage({ first: 8, last: 9, entries: [entry(8), entry(9)] });
    expect([told, lost]).toEqual([[8, 9], [1]]);
  });

  it('of a room that was opened anew are told from the first', async () => {
    state(7);
    chat.onEntry(entry(2, 'b'));
    await answerPage({ epoch: 'b', last: 2, entries: [entry(1, 'b'), entry(2, 'b')] });
    expect(told).toEqual([1, 2]);
    expect(chat.position()).toEqual({ chatEpoch: 'b', chatOffset: 2 });
  });
});

describe('what is said', () => {
  beforeEach(() => {
    state(1);
  });

  it('is answered when the room has it', async () => {
    const said = chat.say('hello');
    expect(sent).toMatchObject([{ id: 'chat', text: 'hello' }]);
    chat.onAccepted({ clientId: idOf(sent[0]), offset: 3, atMs: 9 });
    expect(await said).toEqual({ offset: 3, atMs: 9 });
  });

  it('and not answered is said again on the next socket, by the same name', async () => {
    isUp = false;
    const said = chat.say('hello');
    isUp = true;
    state(1);
    state(1);
    expect(sent).toHaveLength(2);
    expect(idOf(sent[0])).toBe(idOf(sent[1]));
    chat.onAccepted({ clientId: idOf(sent[0]), offset: 3, atMs: 9 });
    await said;
    state(1);
    expect(sent.filter(({ id }) => id === 'chat')).toHaveLength(2);
  });

  it('while the cluster is out of reach is said again after the time it asks for', () => {
    void chat.say('hello');
    const error = new SessionError('unavailable', { retryAfterMs: 300 });
    expect(chat.onError(idOf(sent[0]), error)).toBe(true);
    timers.advance(299);
    expect(sent).toHaveLength(1);
    timers.advance(1);
    expect(sent).toHaveLength(2);
  });

  it('and refused fails with the reason; other errors are none of its business', async () => {
    const said = chat.say('hello');
    chat.onError(idOf(sent[0]), new SessionError('muted', { retryAfterMs: 5_000 }));
    await expect(said).rejects.toMatchObject({ code: 'muted', retryAfterMs: 5_000 });
    expect(chat.onError('unknown', new SessionError('muted'))).toBe(false);
    expect(chat.onError(undefined, new SessionError('bad-sdp'))).toBe(false);
  });

  it.each(['too-fast', 'overloaded', 'not-in-room'])(
    'and sent a second time, its answer lost, is not refused by %s: it may be there already',
    async code => {
      const said = chat.say('hello');
      state(1);
      chat.onError(idOf(sent[0]), new SessionError(code, { retryAfterMs: 200 }));
      timers.advance(200);
      expect(sent.map(idOf)).toEqual(Array(3).fill(idOf(sent[0])));
      chat.onAccepted({ clientId: idOf(sent[0]), offset: 3, atMs: 9 });
      expect(await said).toEqual({ offset: 3, atMs: 9 });
    },
  );

  it('too fast the first time fails: nobody has it', async () => {
    const said = chat.say('hello');
    chat.onError(idOf(sent[0]), new SessionError('too-fast', { retryAfterMs: 200 }));
    await expect(said).rejects.toMatchObject({ code: 'too-fast', retryAfterMs: 200 });
  });

  it('and not even read by the node is sent again', () => {
    void chat.say('hello');
    expect(chat.onError(undefined, new SessionError('too-many-messages', { retryAfterMs: 200 }))).toBe(false);
    timers.advance(200);
    expect(sent).toHaveLength(2);
  });

  it('before the session is in the room waits until it is', () => {
    chat.onRestarted();
    void chat.say('hello');
    expect(sent).toEqual([]);
    state(1);
    expect(sent).toMatchObject([{ id: 'chat', text: 'hello' }]);
  });

  it('for a session that could not go on has failed: whether it was said is unknown', async () => {
    const said = chat.say('hello');
    chat.onRestarted();
    await expect(said).rejects.toMatchObject({ code: 'session-unknown' });
  });
});
