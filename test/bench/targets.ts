/** What each ratio (or the figure itself, where there is no peer) is meant to be. */
export const targets: Record<string, { is: 'at most' | 'at least'; value: number }> = {
  'join-throughput': { is: 'at least', value: 1.5 },
  'join-p50': { is: 'at most', value: 1 },
  'join-p99': { is: 'at most', value: 1 },
  'relay-per-cpu': { is: 'at least', value: 3 },
  'relay-p99': { is: 'at most', value: 0.5 },
  'fan-out': { is: 'at least', value: 0.9 },
  memory: { is: 'at most', value: 1.5 },
  'resume-storm': { is: 'at most', value: 3 },
  'join-growth': { is: 'at most', value: 1.2 },
  'join-round-trips': { is: 'at most', value: 1 },
  'join-burst': { is: 'at most', value: 0 },
  'embedded-media': { is: 'at least', value: 0.9 },
};
