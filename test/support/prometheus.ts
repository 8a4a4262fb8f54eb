import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { type RunningProcess, startProcess } from './child-process.js';
import { freePort } from './free-port.js';

export interface Sample {
  metric: Record<string, string>;
  value: [number, string];
}

/** A real Prometheus with the given rules, which scrapes once a second. */
export class Prometheus {
  private constructor(
    readonly process: RunningProcess,
    private readonly url: string,
    private readonly folder: string,
  ) {}

  /** `jobs`: addresses such as `127.0.0.1:8080`, by job. */
  static async start({
    jobs,
    rulesFile,
  }: {
    jobs: Record<string, string[]>;
    rulesFile: string;
  }): Promise<Prometheus> {
    const folder = mkdtempSync(join(tmpdir(), 'manycast-prometheus-'));
    cpSync(rulesFile, join(folder, 'rules.yaml'));
    const config = {
      global: { scrape_interval: '1s', evaluation_interval: '1s' },
      rule_files: ['rules.yaml'],
      scrape_configs: Object.entries(jobs).map(([job_name, targets]) => ({
        job_name,
        static_configs: [{ targets }],
      })),
    };
    writeFileSync(join(folder, 'prometheus.yaml'), stringify(config));
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const process = await startProcess({
      name: 'prometheus',
      command: 'prometheus',
      args: [
        `--config.file=${join(folder, 'prometheus.yaml')}`,
        `--storage.tsdb.path=${join(folder, 'data')}`,
        `--web.listen-address=127.0.0.1:${port}`,
      ],
      ready: async () => (await fetch(`${url}/-/ready`)).ok,
    });
    return new Prometheus(process, url, folder);
  }

  /** What a query gives now. Throws what Prometheus says of one that it does not take. */
  async query(expr: string): Promise<Sample[]> {
    const response = await fetch(`${this.url}/api/v1/query`, {
      method: 'POST',
      body: new URLSearchParams({ query: expr }),
    });
    const { status, error, data } = (await response.json()) as {
      status: string;
      error?: string;
      data: { result: Sample[] };
    };
    if (status !== 'success') throw new Error(`${expr}: ${error}`);
    return data.result;
  }

  async stop(): Promise<void> {
    await this.process.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
