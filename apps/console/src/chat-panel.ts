import type { Session } from '@manycast/client';
import type { ChatEntryMessage } from '@manycast/protocol';
import { entryWords, nameOf, timeInto } from './chat-words.js';
import { messageItem, noteItem } from './message-item.js';
import type { PageElements } from './page-elements.js';
import { inPlainWords } from './plain-words.js';

/** What the panel needs of a session. */
export type Talk = Pick<Session, 'on' | 'chat' | 'id'>;

export interface ChatPanel {
  /** The chat of this session, from now on; what the session before left is taken away. */
  attach(talk: Talk, isModerator: boolean): void;
  /** The session is over: what was said can still be read. */
  detach(): void;
}

/** Lines on the page; the oldest go first. */
const mostLines = 400;
const pageSize = 30;

/** The chat beside the video. Whatever people write becomes text nodes, never markup. */
export function createChatPanel(page: PageElements): ChatPanel {
  let talk: Talk | undefined;
  let isModerator = false;
  let offs: (() => void)[] = [];
  let oldest = 0;
  let epoch = '';
  const isOurs = (of: Talk) => of === talk;

  function attach(next: Talk, mayModerate: boolean) {
    detach();
    talk = next;
    isModerator = mayModerate;
    page.talk.hidden = false;
    page.messages.replaceChildren();
    oldest = 0;
    epoch = '';
    setOpen(false, '');
    offs = [
      next.on('chat', entry => add(next, entry)),
      next.on('chatState', state => {
        setOpen(state.isOpen, state.isOpen ? slowWords(state.slowModeMs) : 'The chat is closed.');
        if (state.epoch !== epoch) void begin(next, state.epoch);
      }),
      next.on('chatGap', () => append(noteItem('Some messages are not kept any more.'))),
      next.on('presence', ({ viewers, isPresenterAway }) => {
        page.viewers.textContent = viewers === 1 ? '1 watching' : `${viewers} watching`;
        page.away.hidden = !isPresenterAway;
      }),
      next.on('ended', () => setOpen(false, 'The chat is closed.')),
    ];
  }

  function detach() {
    for (const off of offs) off();
    offs = [];
    talk = undefined;
    setOpen(false, '');
    page.older.hidden = true;
    page.away.hidden = true;
    page.viewers.textContent = '';
    for (const menu of page.messages.querySelectorAll('details')) menu.remove();
  }

  /** What was said before this page came. */
  async function begin(of: Talk, current: string) {
    epoch = current;
    oldest = 0;
    page.messages.replaceChildren();
    await older(of);
  }

  async function older(of: Talk) {
    try {
      const range = oldest > 0 ? { before: oldest, limit: pageSize } : { limit: pageSize };
      const found = await of.chat.history(range);
      if (!isOurs(of) || found.epoch !== epoch) return;
      const isFirst = oldest === 0;
      const known = new Set([...page.messages.children].map(line => (line as HTMLElement).dataset.offset));
      const lines = found.entries
        .filter(({ offset }) => !known.has(String(offset)))
        .map(entry => lineOf(of, { id: 'chat', ...entry }))
        .filter(line => line !== undefined);
      const heightBefore = page.messages.scrollHeight;
      page.messages.prepend(...lines);
      // Those who were reading go on where they were.
      if (!isFirst) page.messages.scrollTop += page.messages.scrollHeight - heightBefore;
      else page.messages.scrollTop = page.messages.scrollHeight;
      oldest = found.entries[0]?.offset ?? found.first;
      page.older.hidden = found.entries.length === 0 || oldest <= found.first;
    } catch {
      page.older.hidden = false;
    }
  }

  function add(of: Talk, entry: ChatEntryMessage) {
    if (entry.epoch !== epoch) {
      epoch = entry.epoch;
      page.messages.replaceChildren();
    }
    if (oldest === 0) oldest = entry.offset;
    if (entry.type === 'deleted') takeOut(entry.target);
    if (entry.type === 'ended') {
      page.viewers.textContent = '';
      page.away.hidden = true;
    }
    if (entry.type === 'slow-mode') setOpen(true, slowWords(entry.intervalMs));
    const line = lineOf(of, entry);
    if (line) append(line);
  }

  function lineOf(of: Talk, entry: ChatEntryMessage): HTMLElement | undefined {
    if (entry.type !== 'message') {
      const words = entryWords(entry, of.id);
      const note = words === undefined ? undefined : noteItem(words);
      if (note) note.dataset.offset = String(entry.offset);
      return note;
    }
    const isOwn = entry.from === of.id;
    return messageItem({
      offset: entry.offset,
      name: isOwn ? 'You' : nameOf(entry.from, entry.name),
      isModerator: entry.isModerator,
      isOwn,
      time: timeInto(entry.intoMs),
      text: entry.text,
      actions: isModerator
        ? [
            { label: 'Delete', run: () => act(of, { type: 'delete', offset: entry.offset }) },
            ...(isOwn
              ? []
              : ([
                  {
                    label: 'Mute 10 minutes',
                    run: () => act(of, { type: 'mute', session: entry.from, forMs: 600_000 }),
                  },
                  { label: 'Remove', run: () => act(of, { type: 'kick', session: entry.from }) },
                  { label: 'Ban', run: () => act(of, { type: 'ban', session: entry.from }) },
                ] as const)),
          ]
        : [],
    });
  }

  function takeOut(offset: number) {
    const line = page.messages.querySelector<HTMLElement>(`[data-offset="${offset}"]`);
    line?.replaceWith(Object.assign(noteItem('Message deleted.'), {}));
  }

  function append(line: HTMLElement) {
    const { messages } = page;
    const isAtEnd = messages.scrollHeight - messages.scrollTop - messages.clientHeight < 60;
    messages.append(line);
    while (messages.children.length > mostLines) messages.firstElementChild?.remove();
    if (isAtEnd) messages.scrollTop = messages.scrollHeight;
  }

  async function act(of: Talk, what: Parameters<Talk['chat']['moderate']>[0]) {
    try {
      await of.chat.moderate(what);
      say('');
    } catch (error) {
      say(inPlainWords(error as { code: string }).what);
    }
  }

  function setOpen(isOpen: boolean, words: string) {
    page.sayText.disabled = !isOpen;
    page.saySend.disabled = !isOpen;
    say(words);
  }
  const say = (words: string) => {
    if (page.talkNote.textContent !== words) page.talkNote.textContent = words;
  };

  page.sayForm.addEventListener('submit', event => {
    event.preventDefault();
    const of = talk;
    const text = page.sayText.value.trim();
    if (!of || text === '') return;
    page.sayText.value = '';
    of.chat.say(text).then(
      () => say(''),
      (error: { code: string; retryAfterMs?: number }) => {
        if (!isOurs(of)) return;
        const { what, advice } = inPlainWords(error);
        say(`${what} ${advice}`);
        // Nothing that somebody has written is thrown away.
        if (page.sayText.value === '') page.sayText.value = text;
      },
    );
  });
  page.older.addEventListener('click', () => talk && void older(talk));
  page.slowMode.addEventListener('change', () => {
    if (talk) void act(talk, { type: 'slow-mode', intervalMs: Number(page.slowMode.value) });
  });
  page.closeRoom.addEventListener('click', () => {
    if (talk && window.confirm('End the broadcast for everybody?')) void act(talk, { type: 'close' });
  });

  return { attach, detach };
}

const slowWords = (intervalMs: number): string =>
  intervalMs > 0 ? `Slow mode: one message every ${Math.ceil(intervalMs / 1_000)} s.` : '';
