import type { V1Container, V1LifecycleHandler, V1Probe } from '@kubernetes/client-node';
import { appOf } from '../manifests/app-settings.js';
import { type KubeObject, named, type Workload } from '../manifests/kube-object.js';
import { environmentOf } from '../manifests/pod-environment.js';
import { startBuiltApp } from '../support/built-app.js';
import { type Exit, type RunningProcess, startProcess } from '../support/child-process.js';

/** What a machine of its own would give the pod, and one shared machine must give otherwise: addresses. */
export interface PodPlace {
  httpUrl: string;
  env: Record<string, string>;
  /** For the commands of its hooks: where the files are that they find mounted. */
  hooks?: { env: Record<string, string>; files: Record<string, string> };
}

export interface PodEnd {
  exit: Exit;
  /** It did not end within its grace period. */
  isKilled: boolean;
  tookMs: number;
}

/**
 * A pod of a rendered manifest, played by a process on this machine, as the kubelet would treat it: its environment, its
 * probes, its hooks and its grace period are the manifest's.
 */
export class PlayedPod {
  isTerminating = false;

  private constructor(
    readonly name: string,
    readonly place: PodPlace,
    readonly process: RunningProcess,
    private readonly container: V1Container,
    private readonly env: Record<string, string>,
    private readonly graceSeconds: number,
  ) {}

  /** Started; ready when its own probe says so. */
  static async start(
    objects: KubeObject[],
    title: [kind: string, name: string],
    place: PodPlace,
  ): Promise<PlayedPod> {
    const workload = named(objects, ...title) as Workload | undefined;
    const spec = workload?.spec.template.spec;
    const container = spec?.containers[0];
    if (!workload || !container) throw new Error(`there is no ${title.join(' ')}`);
    const app = appOf(container.image ?? '') ?? 'embedded-media';
    const { env } = environmentOf(container, workload, objects);
    const starting = startBuiltApp({
      app,
      name: `${title[1]} at ${place.httpUrl}`,
      env: { ...(appOf(container.image ?? '') ? env : {}), ...place.env },
      ready: async () => (await fetch(`${place.httpUrl}${probePath(container.startupProbe)}`)).ok,
    });
    // Beside the program, not after it.
    const { postStart } = container.lifecycle ?? {};
    const [process] = await Promise.all([
      starting,
      runHook(`postStart of ${title[1]}`, postStart, env, place),
    ]);
    const graceSeconds = spec?.terminationGracePeriodSeconds ?? 30;
    return new PlayedPod(title[1], place, process, container, env, graceSeconds);
  }

  /** One look of the readiness probe. */
  async isReady(): Promise<boolean> {
    const { readinessProbe } = this.container;
    const timeoutMs = (readinessProbe?.timeoutSeconds ?? 1) * 1_000;
    const answer = await fetch(`${this.place.httpUrl}${probePath(readinessProbe)}`, {
      signal: AbortSignal.timeout(timeoutMs),
    }).catch(() => undefined);
    return answer?.ok ?? false;
  }

  get probePeriodMs(): number {
    return (this.container.readinessProbe?.periodSeconds ?? 10) * 1_000;
  }

  /** As `kubectl delete pod`: preStop, SIGTERM, and SIGKILL when the grace period, which counts from the first, is over. */
  async terminate(): Promise<PodEnd> {
    this.isTerminating = true;
    const startedAtMs = performance.now();
    const leftMs = () => this.graceSeconds * 1_000 - (performance.now() - startedAtMs);
    await runHook(`preStop of ${this.name}`, this.container.lifecycle?.preStop, this.env, this.place);
    this.process.kill('SIGTERM');
    let isKilled = false;
    const killer = setTimeout(
      () => {
        isKilled = true;
        this.process.kill('SIGKILL');
      },
      Math.max(0, leftMs()),
    );
    const exit = await this.process.exited;
    clearTimeout(killer);
    return { exit, isKilled, tookMs: performance.now() - startedAtMs };
  }
}

async function runHook(
  name: string,
  handler: V1LifecycleHandler | undefined,
  env: Record<string, string>,
  { hooks }: PodPlace,
): Promise<void> {
  const [command, ...args] = handler?.exec?.command ?? [];
  if (!command) return;
  const hook = await startProcess({
    name,
    command,
    args: args.map(arg => hooks?.files[arg] ?? arg),
    env: { ...env, ...hooks?.env },
  });
  const { code } = await hook.exited;
  if (code !== 0) throw new Error(`${name} ended with ${code}:\n${hook.log.tail()}`);
}

/** An exec probe is the image's own affair; the embedded media server answers this. */
const probePath = (probe: V1Probe | undefined): string => probe?.httpGet?.path ?? '/livez';
