import type { MediaServer, Room, Session, SignalingNode } from './admin-api.js';
import { element } from './element.js';

/** What a button of a view does; absent: this release has no such order. */
export type Act = (() => void) | undefined;

export const button = (text: string, key: string, act: Act, kind = ''): HTMLElement | null =>
  act
    ? element(
        'button',
        { type: 'button', 'data-key': key, 'data-testid': key, class: kind, onclick: () => act() },
        text,
      )
    : null;

export function tile(name: string, value: string, mood = ''): HTMLElement {
  return element('p', { class: `tile ${mood}` }, element('strong', {}, value), element('span', {}, name));
}

export const roomsIn = (count: number): string => `${count} ${count === 1 ? 'room' : 'rooms'}`;

const good = ['up', 'live'];
const mild = ['joining', 'draining', 'drained', 'suspect', 'starting'];
const pill = (state: string): HTMLElement =>
  element(
    'span',
    { class: `pill ${good.includes(state) ? 'good' : mild.includes(state) ? 'mild' : 'bad'}` },
    state,
  );

export function serverCard(server: MediaServer, acts: { drain: Act; undrain: Act }): HTMLElement {
  const { id, state, reserved, capacity, rooms, load, drain } = server;
  const share = capacity > 0 ? Math.min(1, reserved / capacity) : 0;
  const bar = element('div', { class: `bar ${share > 0.9 ? 'bad' : share > 0.75 ? 'mild' : ''}` });
  const fill = element('div');
  fill.style.width = `${(share * 100).toFixed(1)}%`;
  bar.append(fill);
  const facts = [
    `${reserved} of ${capacity} endpoints`,
    roomsIn(rooms),
    ...(load?.cpu != null ? [`processor ${Math.round(load.cpu * 100)}\u00a0%`] : []),
    ...(drain ? [`until ${drain.deadline.slice(11, 19)}`] : []),
  ];
  return element(
    'article',
    { class: 'card', 'data-testid': `server-${id}` },
    element('h3', {}, element('span', { title: id }, id), pill(state)),
    bar,
    element('p', { class: 'quiet' }, facts.join(' · ')),
    element(
      'p',
      { class: 'acts' },
      drain
        ? button('Take rooms again', `undrain-${id}`, acts.undrain)
        : button('Drain', `drain-${id}`, acts.drain),
    ),
  );
}

export const nodeCard = ({ id, state, rooms }: SignalingNode): HTMLElement =>
  element(
    'article',
    { class: 'card', 'data-testid': `node-${id}` },
    element('h3', {}, element('span', { title: id }, id), pill(state)),
    element('p', { class: 'quiet' }, roomsIn(rooms)),
  );

export function roomTable(
  rooms: Room[],
  chosen: string | undefined,
  acts: { choose(room: string): void; move?: (room: string) => void; close?: (room: string) => void },
): HTMLElement {
  if (rooms.length === 0) return element('p', { class: 'quiet' }, 'No room has a media server.');
  const row = ({ name, state, server, slots }: Room) =>
    element(
      'tr',
      { class: name === chosen ? 'chosen' : '' },
      element(
        'td',
        {},
        button(name, `room-${name}`, () => acts.choose(name), 'link'),
      ),
      element('td', {}, pill(state)),
      element('td', { class: 'quiet server', title: new URL(server).host }, new URL(server).host),
      element('td', { class: 'number' }, String(slots)),
      element(
        'td',
        { class: 'acts' },
        button('Move', `move-${name}`, acts.move && (() => acts.move?.(name))),
        button('Close', `close-${name}`, acts.close && (() => acts.close?.(name)), 'danger'),
      ),
    );
  return table(['Room', 'State', 'Media server', 'Slots', ''], rooms.map(row));
}

export function sessionTable(
  room: string,
  sessions: Session[],
  acts: { diagnose(session: string): void; kick?: (session: Session) => void },
): HTMLElement {
  if (sessions.length === 0) return element('p', { class: 'quiet' }, `Nobody is in ${room}.`);
  const row = (session: Session) =>
    element(
      'tr',
      {},
      element(
        'td',
        { class: 'id' },
        button(session.id, `diagnose-${session.id}`, () => acts.diagnose(session.id), 'link'),
      ),
      element('td', {}, session.role),
      element('td', {}, session.state),
      element(
        'td',
        { class: 'acts' },
        button('Kick', `kick-${session.id}`, acts.kick && (() => acts.kick?.(session)), 'danger'),
      ),
    );
  return table(['Session', 'Role', 'State', ''], sessions.map(row));
}

const table = (heads: string[], rows: HTMLElement[]): HTMLElement =>
  element(
    'table',
    {},
    element('thead', {}, element('tr', {}, ...heads.map(head => element('th', { scope: 'col' }, head)))),
    element('tbody', {}, ...rows),
  );
