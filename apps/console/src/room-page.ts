import { createChatPanel, type Talk } from './chat-panel.js';
import { createDirectoryList } from './directory-list.js';
import { type PageAddress, viewerLink } from './page-address.js';
import type { PageElements } from './page-elements.js';
import {
  isAfterglow,
  isUnderWay,
  nextState,
  type PageEvent,
  type PageState,
  type Role,
} from './page-state.js';
import { showState } from './page-view.js';
import type { Participation, ParticipationEvent, StartParticipation } from './participation.js';
import { createPeopleList } from './people-list.js';
import { createRoomField } from './room-field.js';
import { createStage } from './stage.js';
import { createStatsTicker } from './stats-ticker.js';

/** What the page needs from whoever speaks to the server, one way in for each role. */
export type Ways = Record<Role, StartParticipation>;

/** Buttons and events in, one state, the page drawn from it. */
export function startRoomPage(page: PageElements, address: PageAddress, ways: Ways): void {
  let state: PageState = { name: 'idle' };
  let participation: Participation | undefined;
  let talkingTo: Talk | undefined;

  const draw = () => {
    showState(page, state, page.roomName.value);
    if (isUnderWay(state)) directory.hide();
    else directory.show();
  };
  const roomField = createRoomField(page, address.room, draw);
  const stage = createStage(page, () => dispatch({ type: 'picture-shown' }));
  const ticker = createStatsTicker(page.stats);
  const chat = createChatPanel(page);
  const people = createPeopleList(page);
  const directory = createDirectoryList(page, new URL('rooms', location.href).href, room => {
    page.roomName.value = room;
    takePart('viewer');
    page.stop.focus();
  });

  function dispatch(event: PageEvent) {
    const before = state;
    state = nextState(state, event);
    if (state === before) return;
    if (!isUnderWay(state) && isUnderWay(before)) (isAfterglow(state) ? restMedia : rest)();
    roomField.lock(isUnderWay(state));
    draw();
  }

  function takePart(role: Role) {
    const room = roomField.settle();
    if (room === undefined) return;
    rest();
    dispatch({ type: role === 'presenter' ? 'go-live' : 'watch' });
    if (address.serverUrl === undefined) {
      dispatch({ type: 'problem', problem: { code: 'bad-node-address' } });
      return;
    }
    const mine = ways[role]({
      serverUrl: address.serverUrl,
      room,
      ...(address.token !== undefined && { token: address.token }),
      onEvent: event => {
        if (participation === mine) onEvent(mine, event);
      },
    });
    participation = mine;
  }

  function onEvent(from: Participation, event: ParticipationEvent) {
    // Joined: the chat is open to us from here on.
    if (event.type === 'accepted' && from.talk && from.talk !== talkingTo) {
      talkingTo = from.talk;
      const isPresenter = state.name === 'live' || roleOf(state) === 'presenter';
      chat.attach(from.talk, isPresenter);
      if (isPresenter) people.attach(from.talk);
    }
    if (event.type === 'camera-ready') stage.showOwn(event.stream);
    if (event.type === 'stream-arrived') stage.showBroadcast(event.stream);
    if (event.type === 'media-connected') ticker.start(from);
    dispatch(event);
  }

  /** Before the media goes: the stage keeps its last picture. */
  function restMedia() {
    stage.rest();
    ticker.stop();
  }

  function rest() {
    restMedia();
    chat.detach();
    people.detach();
    talkingTo = undefined;
    participation?.stop();
    participation = undefined;
  }

  page.goLive.addEventListener('click', () => takePart('presenter'));
  page.watch.addEventListener('click', () => takePart('viewer'));
  page.stop.addEventListener('click', () => dispatch({ type: 'stop' }));
  page.remedy.addEventListener('click', () => {
    const isPresenter = state.name === 'live' || (state.name === 'failed' && state.role === 'presenter');
    takePart(isPresenter && page.remedy.dataset.remedy !== 'watch-instead' ? 'presenter' : 'viewer');
  });
  page.copyLink.addEventListener('click', () => void copyLink());
  // Leaving the page is leaving the room; the socket's close says so, the camera goes out with it.
  window.addEventListener('pagehide', () => {
    dispatch({ type: 'stop' });
    rest();
  });

  async function copyLink() {
    const link = viewerLink(location.href, page.roomName.value);
    try {
      await navigator.clipboard.writeText(link);
      page.copyLink.textContent = 'Link copied';
    } catch {
      window.prompt('Copy this link:', link);
    }
  }

  draw();
  if (address.role) takePart(address.role);
}

const roleOf = (state: PageState): Role | undefined => ('role' in state ? state.role : undefined);
