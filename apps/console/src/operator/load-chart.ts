export interface Sample {
  atMs: number;
  value: number;
  /** Drawn as a line of its own above. */
  limit?: number;
}

const width = 600;
const height = 140;
const namespace = 'http://www.w3.org/2000/svg';

const svg = (name: string, attributes: Record<string, string | number>): SVGElement => {
  const made = document.createElementNS(namespace, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  return made;
};

/** A round number not below the largest value. */
export function ceilingOf(samples: Sample[]): number {
  const most = Math.max(1, ...samples.map(({ value, limit = 0 }) => Math.max(value, limit)));
  const step = 10 ** Math.floor(Math.log10(most));
  return Math.max(4, Math.ceil((most * 1.05) / step) * step);
}

/** Values over time as an area, and what they may reach as a line. */
export function drawChart(place: HTMLElement, samples: Sample[], label: string): void {
  const [first, last] = [samples[0], samples.at(-1)];
  if (!first || !last) return place.replaceChildren();
  const top = ceilingOf(samples);
  const spanMs = Math.max(60_000, last.atMs - first.atMs);
  const x = ({ atMs }: Sample) => Number((width - ((last.atMs - atMs) / spanMs) * width).toFixed(1));
  const y = (value: number) => Number((height - (value / top) * height).toFixed(1));
  const line = samples.map(sample => `${x(sample)},${y(sample.value)}`).join(' ');
  const limits = samples.filter(({ limit }) => limit !== undefined);

  const drawing = svg('svg', { viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: 'none', role: 'img' });
  drawing.setAttribute(
    'aria-label',
    `${label}: ${last.value}${last.limit === undefined ? '' : ` of ${last.limit}`}`,
  );
  for (const part of [0.25, 0.5, 0.75])
    drawing.append(svg('line', { class: 'grid', x1: 0, x2: width, y1: height * part, y2: height * part }));
  drawing.append(
    svg('polygon', { class: 'area', points: `${x(first)},${height} ${line} ${x(last)},${height}` }),
  );
  drawing.append(svg('polyline', { class: 'line', points: line }));
  drawing.append(svg('circle', { class: 'now', cx: x(last), cy: y(last.value), r: 4 }));
  if (limits.length > 0)
    drawing.append(
      svg('polyline', {
        class: 'limit',
        points: limits.map(sample => `${x(sample)},${y(sample.limit ?? 0)}`).join(' '),
      }),
    );
  const said = (className: string, text: string) => {
    const made = document.createElement('span');
    made.className = className;
    made.textContent = text;
    return made;
  };
  const minutes = Math.round(spanMs / 60_000);
  place.replaceChildren(
    drawing,
    said('top', String(top)),
    said('from', `${minutes} min ago`),
    said('to', 'now'),
    said('value', last.limit === undefined ? String(last.value) : `${last.value} of ${last.limit}`),
  );
}
