import { exitCode, Refusal } from '../bin/lib/exit-code.mjs';
import { type Child, describeExit } from './child.js';
import type { Children } from './children.js';
import type { Cluster } from './cluster.js';
import { withLastLines } from './readiness.js';

/**
 * Reports every process of a running cluster that ends by itself or by somebody's hand. Nodes, controllers and
 * media servers may die, and scripts kill them to see what happens; the refusal comes when nothing is left to try:
 * our own Redis is gone, or the last node.
 */
export function watchLosses(
  cluster: Cluster,
  children: Children,
  report: (sentence: string) => void,
): Promise<Refusal> {
  return new Promise(resolve => {
    const watch = (child: Child, sequel: () => { sentence: string; isFatal: boolean }) =>
      void child.exited.then(async exit => {
        if (children.isStopping) return;
        const { sentence, isFatal } = sequel();
        const what = `${child.id} (pid ${child.pid}) ${describeExit(exit)}; ${sentence}`;
        const whole = exit.signal === 'SIGKILL' ? `${what}.` : await withLastLines(what, child);
        if (isFatal) resolve(new Refusal(exitCode.internal, whole));
        else report(whole);
      });

    for (const { child } of cluster.nodes) {
      watch(child, () => {
        const left = children.living('node').length;
        if (left === 0) return { sentence: 'no signaling node is left, so the cluster ends', isFatal: true };
        return { sentence: `${left} of ${cluster.nodes.length} nodes go on`, isFatal: false };
      });
    }
    for (const { child } of cluster.controllers) {
      watch(child, () => {
        const left = children.living('controller').length;
        return { sentence: `${left} of ${cluster.controllers.length} controllers go on`, isFatal: false };
      });
    }
    for (const { child } of cluster.mediaServers) {
      if (!child) continue;
      watch(child, () => {
        const left = children.living('media').length;
        return { sentence: `${left} of ${cluster.mediaServers.length} media servers go on`, isFatal: false };
      });
    }
    if (cluster.redis.child) {
      watch(cluster.redis.child, () => ({ sentence: 'without it the cluster ends', isFatal: true }));
    }
  });
}
