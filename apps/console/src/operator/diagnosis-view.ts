import type { Diagnosis, EndpointSight } from './admin-api.js';
import { element } from './element.js';

/** Good, bad, or neither: how a verdict is coloured. */
const mood = (code: string): string =>
  code === 'flowing'
    ? 'good'
    : ['joining', 'ended', 'detached', 'media-moved'].includes(code)
      ? 'mild'
      : 'bad';

const kbps = (bytes = 0): string => `${Math.round((bytes * 8) / 1_000)} kbit/s`;
const clock = (iso: string): string => iso.slice(11, 23);

export function diagnosisView(found: Diagnosis): HTMLElement {
  return element(
    'article',
    { class: 'diagnosis' },
    element(
      'p',
      { class: `verdict ${mood(found.verdict.code)}`, 'data-testid': 'verdict' },
      element('strong', {}, found.verdict.code),
      ` ${found.verdict.words}`,
    ),
    element(
      'dl',
      {},
      ...pair('Room', found.room),
      ...pair('Role', found.role),
      ...pair('Node', found.node),
      ...pair('Media server', found.server),
      ...pair('Trace', found.trace),
      ...pair('Its endpoint', sight(found.endpoint)),
      ...(found.role === 'viewer' ? pair('Presenter’s endpoint', sight(found.presenterEndpoint)) : []),
    ),
    element(
      'ol',
      { class: 'events' },
      ...found.events.map(({ at, what, node, detail }) =>
        element(
          'li',
          {},
          element('time', { datetime: at }, clock(at)),
          element('span', { class: 'what' }, what),
          element('span', { class: 'quiet' }, [node, ...details(detail)].join(' · ')),
        ),
      ),
    ),
  );
}

const pair = (name: string, value: string | null): HTMLElement[] => [
  element('dt', {}, name),
  element('dd', {}, value ?? '–'),
];

const details = (detail: Record<string, unknown> = {}): string[] =>
  Object.entries(detail).map(([key, value]) => `${key} ${value}`);

function sight(seen: EndpointSight | null): string {
  if (!seen) return 'none';
  if (seen.state !== 'seen') return seen.state;
  const flow = `in ${kbps(seen.bytesInPerS)}, out ${kbps(seen.bytesOutPerS)}`;
  return `${seen.connection}, ${flow}${seen.packetsLost ? `, ${seen.packetsLost} packets lost` : ''}`;
}
