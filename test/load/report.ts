import { byShare, percentile } from '../bench/samples.js';
import { asText, figureOf } from '../support/line-plot.js';
import type { LoadOrder } from './order.js';
import type { Timeline } from './timeline.js';

export interface LoadFigures {
  begun: number;
  answered: number;
  refused: number;
  ended: number;
  live: number;
  resumed: number;
  restarted: number;
  /** ms: half of them, and all but a hundredth, took no longer. */
  answerMs: { p50: number; p99: number };
  firstFrameMs: { p50: number; p99: number };
  resumeMs: { p50: number; p99: number };
}

const both = (values: readonly number[]) => ({ p50: percentile(values, 0.5), p99: percentile(values, 0.99) });

export const figuresOf = (timeline: Timeline, live: number): LoadFigures => ({
  begun: timeline.countOf('begun'),
  answered: timeline.countOf('answered'),
  refused: timeline.countOf('refused'),
  ended: timeline.countOf('ended'),
  live,
  resumed: timeline.countOf('resumed'),
  restarted: timeline.countOf('restarted'),
  answerMs: both(timeline.timesOf('answered')),
  firstFrameMs: both(timeline.timesOf('first-frame')),
  resumeMs: both(timeline.timesOf('resumed')),
});

/** Name and value of each figure, for a table. */
export function rowsOf(figures: LoadFigures): [string, string][] {
  const ms = ({ p50, p99 }: { p50: number; p99: number }) =>
    Number.isNaN(p50) ? '–' : `p50 ${Math.round(p50)} ms, p99 ${Math.round(p99)} ms`;
  return [
    ['joins begun', String(figures.begun)],
    ['answered', String(figures.answered)],
    ['refused', String(figures.refused)],
    ['live at the end', String(figures.live)],
    ['ended early', String(figures.ended)],
    ['resumed on another socket', String(figures.resumed)],
    ['begun anew', String(figures.restarted)],
    ['time to the answer', ms(figures.answerMs)],
    ['time to the first frame', ms(figures.firstFrameMs)],
    ['time without a socket', ms(figures.resumeMs)],
  ];
}

/** One page that needs nothing else. */
export function reportPage(order: LoadOrder, timeline: Timeline, figures: LoadFigures): string {
  const rows = rowsOf(figures).map(([name, value]) => `<tr><th>${name}</th><td>${value}</td></tr>`);
  const codes = [...timeline.codes].map(
    ([code, count]) => `<tr><th>${asText(code)}</th><td>${count}</td></tr>`,
  );
  const marks = timeline.kills.map(({ atMs, pid }) => ({ at: atMs / 1_000, label: `kill ${pid}` }));
  const { rooms, viewers, nodes, isMedia, rate } = order;
  return `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Load: ${rooms} rooms, ${viewers} viewers each</title>
<style>
body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #222 }
table { border-collapse: collapse } th { text-align: left; font-weight: normal; padding-right: 2rem }
figure { margin: 2rem 0 } svg { width: 100% }
</style>
<h1>${rooms} rooms of ${viewers} viewers</h1>
<p>${isMedia ? 'Real media' : 'Signaling only'}, ${rate} joins begun in a second, on ${nodes.map(asText).join(', ')}. ${new Date().toISOString()}</p>
<table>${rows.join('')}</table>
${codes.length > 0 ? `<h2>Told to clients</h2><table>${codes.join('')}</table>` : ''}
${figureOf({
  title: 'Joins',
  xLabel: 's',
  series: [
    { name: 'begun per second', values: timeline.perSecond('begun') },
    { name: 'answered per second', values: timeline.perSecond('answered') },
    { name: 'refused per second', values: timeline.perSecond('refused') },
  ],
  marks,
})}
${figureOf({
  title: 'Time to the answer and to the first frame, ms',
  xLabel: '% of the joins took no longer',
  series: [
    { name: 'answer', values: byShare(timeline.timesOf('answered')) },
    { name: 'first frame', values: byShare(timeline.timesOf('first-frame')) },
  ],
})}
${figureOf({
  title: 'Sockets lost and sessions resumed',
  xLabel: 's',
  series: [
    { name: 'lost per second', values: timeline.perSecond('reconnecting') },
    { name: 'resumed per second', values: timeline.perSecond('resumed') },
    { name: 'ended per second', values: timeline.perSecond('ended') },
  ],
  marks,
})}
</html>
`;
}
