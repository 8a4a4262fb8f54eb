type Child = Node | string | null | false | undefined;

/** An element with attributes, listeners (`onclick`) and children. Text is text: what the API says is never markup. */
export function element(
  name: string,
  attributes: Record<string, string | boolean | EventListener> = {},
  ...children: Child[]
): HTMLElement {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === 'function') made.addEventListener(key.slice('on'.length), value);
    else if (value !== false) made.setAttribute(key, value === true ? '' : value);
  }
  made.append(...children.filter((child): child is Node | string => Boolean(child)));
  return made;
}

/** Replaces the contents, but keeps the focus on the control that has the same `data-key`. */
export function show(place: HTMLElement, ...children: Child[]): void {
  const focused = document.activeElement;
  const key = place.contains(focused) ? focused?.getAttribute('data-key') : null;
  place.replaceChildren(...children.filter((child): child is Node | string => Boolean(child)));
  if (key) place.querySelector<HTMLElement>(`[data-key="${CSS.escape(key)}"]`)?.focus();
}
