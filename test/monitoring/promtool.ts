import { spawnSync } from 'node:child_process';

/** Runs Prometheus's own tool. */
export function promtool(args: string[], input = ''): { code: number | null; output: string } {
  const { status, stdout, stderr, error } = spawnSync('promtool', args, { input, encoding: 'utf8' });
  if (error) throw error;
  return { code: status, output: `${stdout}${stderr}` };
}
