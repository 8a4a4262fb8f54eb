import type { Summary } from './summary.js';

/** What a newcomer sees when the cluster is ready. */
export function summaryTable(summary: Summary, tookMs: number): string {
  const rows = [
    ['', 'address', 'pid', ''],
    ...summary.nodes.map(node => [node.id, node.url, pid(node.pid), 'signaling node']),
    ...summary.controllers.map(({ id, url, pid: own }) => [id, url, pid(own), 'controller']),
    ...summary.mediaServers.map(server => [server.id, server.url, pid(server.pid), kind(server.embedded)]),
    ['redis', summary.redis.url, pid(summary.redis.pid), summary.redis.origin],
  ];
  const [first, last] = [summary.nodes.at(0), summary.nodes.at(-1)];
  const admin = summary.controllers.at(0)?.admin;
  const hasKurento = summary.mediaServers.some(server => !server.embedded);
  return [
    '',
    `  Manycast is ready (${(tookMs / 1000).toFixed(1)} s)`,
    '',
    ...align(rows).map(row => `  ${row}`),
    '',
    `  open      ${first?.url}/?room=demo${last === first ? '' : `   and watch on another node: ${last?.url}/?room=demo`}`,
    `  health    ${first?.ready}  /livez    metrics  ${first?.metrics}`,
    ...(admin === undefined
      ? []
      : [
          `  operate   ${new URL('/', admin)}   the operator's console`,
          `  admin     ${admin}/nodes  /servers  /rooms    all of it: ${admin}/openapi.json`,
        ]),
    `  logs      ${summary.logs}`,
    ...(hasKurento
      ? []
      : ['  Kurento   npm start -- --kms ws://HOST:8888/kurento   runs it on real media servers']),
    '  end       Ctrl-C',
    '',
    '',
  ].join('\n');
}

function kind(embedded: boolean): string {
  return embedded ? 'embedded media server' : 'Kurento Media Server';
}

function pid(value: number | null): string {
  return value === null ? '-' : String(value);
}

/** Columns as wide as their widest cell, without trailing blanks. */
function align(rows: string[][]): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, cell.length);
  }
  return rows.map(row =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('   ')
      .trimEnd(),
  );
}
