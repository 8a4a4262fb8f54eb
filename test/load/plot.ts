const width = 900;
const height = 220;
const left = 60;
const bottom = 30;
const colours = ['#1667c7', '#c7541b', '#2a8a4a', '#8a2a7f'];

export interface Series {
  name: string;
  values: readonly number[];
}

/** Lines over a common axis that begins at 0; `marks` are vertical lines, by index. */
export function linePlot(
  title: string,
  xLabel: string,
  series: readonly Series[],
  marks: readonly { at: number; label: string }[] = [],
): string {
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
  return `<figure><figcaption>${asText(title)}</figcaption>
<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${asText(title)}">
<path d="M${left} 20V${height - bottom}H${width - 10}" fill="none" stroke="#888"/>
<text x="${left - 6}" y="26" text-anchor="end">${Number(top.toPrecision(3))}</text>
<text x="${left - 6}" y="${height - bottom}" text-anchor="end">0</text>
<text x="${width - 10}" y="${height - 10}" text-anchor="end">${last} ${asText(xLabel)}</text>
${[...lines, ...names, ...vertical].join('\n')}
</svg></figure>`;
}

const colour = (index: number): string => colours[index % colours.length] as string;

export const asText = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
