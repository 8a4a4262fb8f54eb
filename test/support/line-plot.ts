const width = 900;
const height = 220;
const left = 60;
const bottom = 30;
const colours = ['#1667c7', '#c7541b', '#2a8a4a', '#8a2a7f'];

export interface Series {
  name: string;
  values: readonly number[];
}

export interface Plot {
  /** With the unit of the values. */
  title: string;
  xLabel: string;
  /** At equal distances, from 0 on. */
  series: readonly Series[];
  /** Where the axis ends, in its unit; the number of values, if it is not said. */
  lastX?: number;
  /** Vertical lines, by index. */
  marks?: readonly { at: number; label: string }[];
}

/** Lines over a common axis, as a picture of its own. */
export function drawing({ title, xLabel, series, lastX, marks = [] }: Plot): string {
  const last = Math.max(1, ...series.map(({ values }) => values.length - 1));
  const top = Math.max(1, ...series.flatMap(({ values }) => [...values]));
  const x = (index: number) => left + (index / last) * (width - left - 10);
  const y = (value: number) => 20 + (1 - value / top) * (height - bottom - 20);
  const lines = series.map(({ values }, index) => {
    const points = values.map((value, at) => `${x(at).toFixed(1)},${y(value).toFixed(1)}`).join(' ');
    return `<polyline fill="none" stroke="${colour(index)}" stroke-width="1.5" points="${points}"/>`;
  });
  const names = series.map(
    ({ name }, index) =>
      `<text x="${left + 10 + 170 * index}" y="14" fill="${colour(index)}">${asText(name)}</text>`,
  );
  const vertical = marks.map(
    ({ at, label }) =>
      `<line x1="${x(at)}" x2="${x(at)}" y1="20" y2="${height - bottom}" stroke="#b00" stroke-dasharray="4 3"/>
<text x="${x(at) + 4}" y="34" fill="#b00">${asText(label)}</text>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="${asText(title)}">
<style>text { font: 12px system-ui, sans-serif }</style>
<path d="M${left} 20V${height - bottom}H${width - 10}" fill="none" stroke="#888"/>
<text x="${left - 6}" y="26" text-anchor="end" fill="#888">${Number(top.toPrecision(3))}</text>
<text x="${left - 6}" y="${height - bottom}" text-anchor="end" fill="#888">0</text>
<text x="${width - 10}" y="${height - 10}" text-anchor="end" fill="#888">${lastX ?? last} ${asText(xLabel)}</text>
${[...lines, ...names, ...vertical].join('\n')}
</svg>
`;
}

/** The same in a page, with its title. */
export const figureOf = (plot: Plot): string =>
  `<figure><figcaption>${asText(plot.title)}</figcaption>\n${drawing(plot)}</figure>`;

const colour = (index: number): string => colours[index % colours.length] as string;

export const asText = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
