import type { PageElements } from './page-elements.js';
import { isUnderWay, type PageState, presentProblem } from './page-state.js';
import { inPlainWords, type Remedy } from './plain-words.js';
import { statusWords } from './status-words.js';

const remedyWords: Record<Remedy, string> = {
  'try-again': 'Try again',
  'watch-instead': 'Watch instead',
  none: '',
};

/** Puts a state on the page. Called at every change; writes only what differs, or a screen reader repeats itself. */
export function showState(page: PageElements, state: PageState, room: string): void {
  const { body } = document;
  body.dataset.state = state.name;
  body.dataset.weak = String('isFlowing' in state && !state.isFlowing);
  document.title = `${state.name === 'live' ? 'Live: ' : ''}${room} – Manycast`;

  setText(page.status, statusWords(state));
  showProblem(page, state);
  showActions(page, state);
}

function showProblem(page: PageElements, state: PageState) {
  const problem = presentProblem(state);
  page.problem.hidden = problem === undefined;
  if (problem === undefined) {
    delete page.problem.dataset.code;
    setText(page.problemWhat, '');
    setText(page.problemAdvice, '');
    return;
  }
  const words = inPlainWords(problem);
  page.problem.dataset.code = problem.code;
  page.problem.dataset.mild = String(state.name === 'waiting');
  setText(page.problemWhat, words.what);
  setText(page.problemAdvice, words.advice);
  setText(page.remedy, remedyWords[words.remedy]);
  page.remedy.dataset.remedy = words.remedy;
  page.remedy.hidden = words.remedy === 'none';
}

function showActions(page: PageElements, state: PageState) {
  const isTakingPart = isUnderWay(state);
  const focused = document.activeElement;
  page.goLive.hidden = isTakingPart;
  page.watch.hidden = isTakingPart;
  page.stop.hidden = !isTakingPart;
  page.copyLink.hidden = state.name !== 'live';
  if (page.copyLink.hidden) setText(page.copyLink, 'Copy link');
  setText(page.stop, stopWords(state));
  setText(page.watch, state.name === 'ended' && state.role === 'viewer' ? 'Watch again' : 'Watch');
  // A keyboard must not lose its place when the focused button goes away.
  if (focused instanceof HTMLElement && focused !== document.body && focused.closest('[hidden]')) {
    const next = isTakingPart ? page.stop : lastRole(state) === 'viewer' ? page.watch : page.goLive;
    next.focus();
  }
}

const stopWords = (state: PageState) =>
  state.name === 'live' ? 'Stop broadcast' : state.name === 'watching' ? 'Stop watching' : 'Cancel';

const lastRole = (state: PageState) => ('role' in state ? state.role : undefined);

function setText(element: HTMLElement, text: string) {
  if (element.textContent !== text) element.textContent = text;
}
