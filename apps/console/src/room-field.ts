import { defaultRoomName, isRoomName, withRoom } from './page-address.js';
import type { PageElements } from './page-elements.js';

export interface RoomField {
  /** The room to join, or `undefined` after the visitor was told what is wrong with its name. */
  settle(): string | undefined;
  lock(isLocked: boolean): void;
}

const rule = 'Letters, digits, dots, dashes and underscores; up to 64, starting with a letter or digit.';

/** The room's name: read from the address, written back to it, so that a reload or a shared link finds it. */
export function createRoomField(page: PageElements, initialRoom: string, onChange: () => void): RoomField {
  const { roomForm, roomName, roomHint } = page;

  function check(): string | undefined {
    const room = roomName.value.trim() || defaultRoomName;
    const isValid = isRoomName(room);
    roomName.setAttribute('aria-invalid', String(!isValid));
    roomHint.textContent = isValid ? '' : rule;
    return isValid ? room : undefined;
  }
  function settle(): string | undefined {
    const room = check();
    if (room === undefined) {
      roomName.focus();
      return undefined;
    }
    roomName.value = room;
    if (location.href !== withRoom(location.href, room)) {
      history.replaceState(null, '', withRoom(location.href, room));
      onChange();
    }
    return room;
  }

  roomName.value = initialRoom;
  check();
  roomName.addEventListener('input', check);
  roomName.addEventListener('change', () => {
    if (check() !== undefined) settle();
  });
  roomForm.addEventListener('submit', event => {
    event.preventDefault();
    if (!roomName.readOnly) settle();
  });

  return {
    settle,
    lock: isLocked => {
      roomName.readOnly = isLocked;
      roomName.title = isLocked ? 'Stop first to change the room' : '';
    },
  };
}
