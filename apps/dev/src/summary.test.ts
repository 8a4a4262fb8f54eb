import { describe, expect, it } from 'vitest';
import { jsonLine, type Summary } from './summary.js';
import { summaryTable } from './summary-table.js';

const node = (number: number): Summary['nodes'][number] => {
  const url = `http://localhost:${8079 + number}`;
  return {
    id: `node-${number}`,
    pid: 100 + number,
    url,
    webSockets: [],
    live: `${url}/livez`,
    ready: `${url}/readyz`,
    metrics: `${url}/metrics`,
  };
};

const summary: Summary = {
  nodes: [node(1), node(2)],
  controllers: [
    {
      id: 'controller-1',
      pid: 151,
      url: 'http://localhost:8090',
      live: 'http://localhost:8090/livez',
      ready: 'http://localhost:8090/readyz',
      metrics: 'http://localhost:8090/metrics',
      admin: 'http://localhost:8190/v1',
    },
  ],
  mediaServers: [{ id: 'media-1', pid: 201, url: 'ws://127.0.0.1:8888/kurento', embedded: true }],
  redis: { pid: 301, url: 'redis://127.0.0.1:40001', origin: '/usr/bin/redis-server' },
  starter: { pid: 1 },
  guardian: { pid: 2 },
  logs: '/clone/.cache/manycast/runs/1',
};

describe('the table', () => {
  const table = summaryTable(summary, 4210);

  it('shows every address with its process id, in aligned columns', () => {
    expect(table).toContain('node-2         http://localhost:8081         102   signaling node');
    expect(table).toContain('controller-1   http://localhost:8090         151   controller');
    expect(table).toContain('media-1        ws://127.0.0.1:8888/kurento   201   embedded media server');
    expect(table).toContain('redis          redis://127.0.0.1:40001       301   /usr/bin/redis-server');
  });

  it('says which pages to open, on the first node and on another one', () => {
    expect(table).toContain('http://localhost:8080/?room=demo ');
    expect(table).toContain('http://localhost:8081/?room=demo\n');
    expect(summaryTable({ ...summary, nodes: [node(1)] }, 1)).not.toContain('another node');
  });

  it('says where the admin API is, if there is one', () => {
    expect(table).toContain('http://localhost:8190/v1/openapi.json');
    expect(table).toContain("http://localhost:8190/   the operator's console");
    expect(summaryTable({ ...summary, controllers: [] }, 1)).not.toContain('openapi');
  });

  it('tells how to use real Kurento servers, unless they are used', () => {
    expect(table).toContain('--kms ws://HOST:8888/kurento');
    const real = { id: 'kms-1', pid: null, url: 'ws://a/kurento', embedded: false };
    const withReal = summaryTable({ ...summary, mediaServers: [real] }, 1);
    expect(withReal).not.toContain('--kms');
    expect(withReal).toContain('kms-1          ws://a/kurento            -     Kurento Media Server');
  });

  it('fits a terminal of 120 columns', () => {
    for (const line of table.split('\n')) expect(line.length).toBeLessThanOrEqual(120);
  });
});

it('the JSON is one line and says the same', () => {
  const line = jsonLine(summary);
  expect(line.indexOf('\n')).toBe(line.length - 1);
  expect(JSON.parse(line)).toEqual(summary);
});
