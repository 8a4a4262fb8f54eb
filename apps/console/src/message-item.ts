interface Message {
  offset: number;
  name: string;
  isModerator: boolean;
  isOwn: boolean;
  time: string;
  /** Null: deleted. */
  text: string | null;
  actions: readonly { label: string; run: () => void }[];
}

/** One message as a line of the list. Everything that somebody wrote is set as text. */
export function messageItem({ offset, name, isModerator, isOwn, time, text, actions }: Message): HTMLElement {
  if (text === null) {
    const note = noteItem('Message deleted.');
    note.dataset.offset = String(offset);
    return note;
  }
  const line = element('li', 'message');
  line.dataset.offset = String(offset);
  line.dataset.own = String(isOwn);
  const head = element('p', 'head');
  const who = element('span', 'who', name);
  head.append(who);
  if (isModerator) head.append(element('span', 'role', 'Host'));
  head.append(element('time', 'time', time));
  line.append(head, element('p', 'text', text));
  if (actions.length > 0) line.append(menu(name, actions));
  return line;
}

/** What happened, between the messages. */
export const noteItem = (words: string): HTMLElement => element('li', 'note', words);

function menu(name: string, actions: Message['actions']): HTMLElement {
  const details = element('details', 'acts');
  const summary = element('summary', '', '⋯');
  summary.setAttribute('aria-label', `Moderate ${name}`);
  details.append(summary);
  const list = element('div', 'acts-list');
  for (const { label, run } of actions) {
    const button = element('button', '', label);
    button.type = 'button';
    button.addEventListener('click', () => {
      details.removeAttribute('open');
      summary.focus();
      run();
    });
    list.append(button);
  }
  details.append(list);
  details.addEventListener('keydown', event => {
    if (event.key !== 'Escape') return;
    details.removeAttribute('open');
    summary.focus();
  });
  return details;
}

function element<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  className: string,
  text?: string,
): HTMLElementTagNameMap[Name] {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}
