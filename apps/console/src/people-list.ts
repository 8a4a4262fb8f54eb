import type { RosterMember } from '@manycast/protocol';
import type { Talk } from './chat-panel.js';
import { nameOf } from './chat-words.js';
import type { PageElements } from './page-elements.js';

/** Who is there, for those who keep order: asked for when it is opened, page by page. */
export function createPeopleList(page: PageElements) {
  let talk: Talk | undefined;
  let next: string | null = null;

  async function load(after?: string) {
    const of = talk;
    if (!of) return;
    try {
      const found = await of.chat.roster({ limit: 50, ...(after !== undefined && { after }) });
      if (of !== talk) return;
      if (after === undefined) page.peopleList.replaceChildren();
      const known = new Set([...page.peopleList.children].map(line => (line as HTMLElement).dataset.session));
      const fresh = found.members.filter(({ session }) => !known.has(session));
      page.peopleList.append(...fresh.map(member => lineOf(of, member)));
      next = found.next;
      page.morePeople.hidden = next === null;
    } catch {
      page.morePeople.hidden = true;
    }
  }

  function lineOf(of: Talk, { session, name, role, isAway, isMuted }: RosterMember): HTMLElement {
    const line = document.createElement('li');
    line.dataset.session = session;
    const who = document.createElement('span');
    const marks = [session === of.id && 'you', isAway && 'away', isMuted && 'muted'].filter(Boolean);
    who.textContent = nameOf(session, name) + (marks.length > 0 ? ` (${marks.join(', ')})` : '');
    line.append(who);
    if (role === 'viewer' && session !== of.id) {
      line.append(
        button(isMuted ? 'Unmute' : 'Mute', () =>
          of.chat.moderate(isMuted ? { type: 'unmute', session } : { type: 'mute', session }),
        ),
        button('Remove', () => of.chat.moderate({ type: 'kick', session })),
        button('Ban', () => of.chat.moderate({ type: 'ban', session })),
      );
    }
    return line;
  }

  function button(label: string, run: () => Promise<unknown>): HTMLButtonElement {
    const made = document.createElement('button');
    made.type = 'button';
    made.textContent = label;
    // Whatever became of it shows in the list.
    made.addEventListener(
      'click',
      () =>
        void run()
          .catch(() => undefined)
          .then(() => load()),
    );
    return made;
  }

  page.people.addEventListener('toggle', () => {
    if (page.people.open) void load();
  });
  page.morePeople.addEventListener('click', () => {
    if (next !== null) void load(next);
  });

  return {
    attach: (of: Talk) => {
      talk = of;
      page.people.hidden = false;
      page.people.open = false;
    },
    detach: () => {
      talk = undefined;
      page.people.hidden = true;
      page.peopleList.replaceChildren();
    },
  };
}
