import { type KubeObject, named, titleOf, workloadsOf } from './kube-object.js';

/**
 * Whether a media server that goes lets its rooms move away first: its hooks run a script that is mounted, the script
 * asks what the admin API has, and the pod is given the time for it. `paths`: of the admin API, with their methods.
 */
export function drainProblems(objects: KubeObject[], paths: ReadonlySet<string>): string[] {
  return workloadsOf(objects)
    .filter(
      ({ metadata, spec }) => metadata.name === 'manycast-media' && isKurento(spec.template.spec.containers),
    )
    .flatMap(workload => {
      const {
        containers,
        volumes = [],
        terminationGracePeriodSeconds: graceSeconds = 30,
      } = workload.spec.template.spec;
      const { lifecycle, volumeMounts = [] } = containers[0] ?? {};
      const hooks = { postStart: lifecycle?.postStart, preStop: lifecycle?.preStop };
      const scripts = Object.entries(hooks).map(([hook, handler]) => {
        const [shell, file = '', order] = handler?.exec?.command ?? [];
        const mount = volumeMounts.find(({ mountPath }) => file.startsWith(`${mountPath}/`));
        const map = volumes.find(({ name }) => name === mount?.name)?.configMap?.name;
        const text = named(objects, 'ConfigMap', map ?? '')?.data?.[
          file.slice((mount?.mountPath.length ?? 0) + 1)
        ];
        return { hook, shell, order, text };
      });
      const script = scripts.find(({ hook }) => hook === 'preStop')?.text ?? '';
      const drainSeconds = Number(script.match(/^drain_seconds=(\d+)$/m)?.[1]);
      const asked = [...script.matchAll(/try_until \S+(?: \+ \w+\)\)")? (GET|POST) (\S+)/g)].map(
        ([, method, path = '']) => `${method} /v1/servers/{server}${path.replace(/^''.*/, '')}`,
      );
      return [
        ...scripts
          .filter(({ shell, text }) => shell !== 'sh' || !text)
          .map(({ hook }) => `${hook} runs a script that is not there`),
        ...scripts
          .filter(({ hook, order }) => order !== (hook === 'preStop' ? 'stop' : 'start'))
          .map(({ hook, order }) => `${hook} runs drain.sh ${order}`),
        ...(asked.length >= 2 ? [] : ['its script asks nothing']),
        ...asked.filter(each => !paths.has(each)).map(each => `the admin API has no ${each}`),
        ...(graceSeconds > drainSeconds + 10
          ? []
          : [`killed after ${graceSeconds} s, but its rooms have ${drainSeconds} s to move`]),
      ].map(problem => `${titleOf(workload)}: ${problem}`);
    });
}

/** The embedded one has no curl, and nowhere to move its rooms to. */
const isKurento = (containers: { image?: string }[]): boolean =>
  containers.some(({ image = '' }) => image.includes('kurento'));
