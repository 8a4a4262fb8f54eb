export interface Order {
  what: string;
  /** What it does to people, before it is done. */
  effect: string;
  verb: string;
}

/** Asks before anything is done. The answer that does nothing has the focus. */
export function confirmOrder({ what, effect, verb }: Order): Promise<boolean> {
  const dialog = document.querySelector<HTMLDialogElement>('#confirm');
  const [title, words, yes] = ['#confirm-what', '#confirm-effect', '#confirm-yes'].map(id =>
    document.querySelector<HTMLElement>(id),
  );
  if (!dialog || !title || !words || !yes) throw new Error('operator.html has no dialog #confirm');
  title.textContent = what;
  words.textContent = effect;
  yes.textContent = verb;
  dialog.returnValue = 'no';
  dialog.showModal();
  return new Promise(resolve =>
    dialog.addEventListener('close', () => resolve(dialog.returnValue === 'yes'), { once: true }),
  );
}
