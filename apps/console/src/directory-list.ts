import type { PageElements } from './page-elements.js';

interface Listed {
  room: string;
  title: string | null;
  viewers: number;
  presenter: string | null;
  startedAtMs: number;
  isPresenterAway: boolean;
}

export interface DirectoryList {
  /** Shown while the visitor takes part in nothing. */
  show(): void;
  hide(): void;
}

const refreshMs = 5_000;
const pageSize = 24;

/** The live rooms, to be entered by a click. Where the cluster lists none for everybody it is not there. */
export function createDirectoryList(
  page: PageElements,
  address: string,
  enter: (room: string) => void,
): DirectoryList {
  let timer: number | undefined;
  let isShown = false;
  let isOffered = true;
  let asked = 0;
  let limit = pageSize;

  async function refresh() {
    window.clearTimeout(timer);
    asked += 1;
    const mine = asked;
    try {
      const url = new URL(address);
      url.searchParams.set('limit', String(Math.min(100, limit)));
      const query = page.search.value.trim();
      if (query) url.searchParams.set('query', query);
      const response = await fetch(url);
      if (response.status === 404) isOffered = false;
      if (!response.ok || mine !== asked) return;
      const { rooms, next, total } = (await response.json()) as {
        rooms: Listed[];
        next: string | null;
        total: number;
      };
      draw(rooms, total, query);
      page.moreRooms.hidden = next === null || limit >= 100;
    } catch {
      // The page works without; the next look may succeed.
    } finally {
      if (isShown && isOffered && mine === asked) timer = window.setTimeout(refresh, refreshMs);
    }
  }

  function draw(rooms: Listed[], total: number, query: string) {
    page.directory.hidden = !isShown;
    const words = rooms.length > 0 ? '' : query ? 'No live room matches.' : 'Nobody is live at the moment.';
    if (page.directoryNote.textContent !== words) page.directoryNote.textContent = words;
    page.search.parentElement?.toggleAttribute('hidden', total < 6 && !query);
    // Buttons that stay keep the keyboard's place.
    const before = new Map(
      [...page.rooms.children].map(line => [(line as HTMLElement).dataset.room, line as HTMLElement]),
    );
    const lines = rooms.map(listed => fill(before.get(listed.room) ?? newLine(listed.room), listed));
    if (
      lines.some((line, at) => page.rooms.children[at] !== line) ||
      lines.length !== page.rooms.children.length
    )
      page.rooms.replaceChildren(...lines);
  }

  function newLine(room: string): HTMLElement {
    const line = document.createElement('li');
    line.dataset.room = room;
    const button = document.createElement('button');
    button.type = 'button';
    for (const name of ['title', 'about']) {
      const part = document.createElement('span');
      part.className = name;
      button.append(part);
    }
    button.addEventListener('click', () => enter(room));
    line.append(button);
    return line;
  }

  function fill(
    line: HTMLElement,
    { room, title, viewers, presenter, startedAtMs, isPresenterAway }: Listed,
  ) {
    const parts = [
      presenter,
      viewers === 1 ? '1 watching' : `${viewers} watching`,
      isPresenterAway ? 'interrupted' : lasting(Date.now() - startedAtMs),
    ];
    set(line.querySelector('.title'), title ?? room);
    set(line.querySelector('.about'), parts.filter(part => part !== null).join(' · '));
    return line;
  }

  page.search.addEventListener('input', () => {
    limit = pageSize;
    void refresh();
  });
  page.moreRooms.addEventListener('click', () => {
    limit += pageSize;
    void refresh();
  });

  return {
    show: () => {
      if (isShown || !isOffered) return;
      isShown = true;
      void refresh();
    },
    hide: () => {
      isShown = false;
      window.clearTimeout(timer);
      page.directory.hidden = true;
    },
  };
}

function set(element: Element | null, text: string) {
  if (element && element.textContent !== text) element.textContent = text;
}

function lasting(ms: number): string {
  const minutes = Math.floor(Math.max(0, ms) / 60_000);
  if (minutes < 1) return 'just started';
  return minutes < 60 ? `for ${minutes} min` : `for ${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
