import { adminRoutes } from '../../apps/controller/src/admin/routes.js';
import { autoscalingProblems } from './autoscaling-problems.js';
import { discoveryProblems } from './discovery-problems.js';
import { drainProblems } from './drain-problems.js';
import { houseRuleProblems } from './house-rule-problems.js';
import type { KubeObject } from './kube-object.js';
import { linkProblems } from './link-problems.js';
import { monitoringProblems } from './monitoring-problems.js';
import { networkProblems } from './network-problems.js';
import { podSecurityProblems } from './pod-security-problems.js';
import { schemaProblems } from './schema-problems.js';
import { settingProblems } from './setting-problems.js';

/** Each as `METHOD PATH`; the routes' handlers are not called. */
const adminPaths = new Set(
  adminRoutes({ webhooks: {} } as never).map(
    ({ method, path }) => `${method.toUpperCase()} ${path.replaceAll(/:(\w+)/g, '{$1}')}`,
  ),
);

/** Everything that is wrong with a rendered kustomization, except what only a running app can say: its probes' paths. */
export function manifestProblems(objects: KubeObject[]): string[] {
  return [
    ...objects.flatMap(schemaProblems),
    ...linkProblems(objects),
    ...settingProblems(objects),
    ...houseRuleProblems(objects),
    ...autoscalingProblems(objects),
    ...networkProblems(objects),
    ...podSecurityProblems(objects),
    ...monitoringProblems(objects),
    ...discoveryProblems(objects),
    ...drainProblems(objects, adminPaths),
  ];
}
