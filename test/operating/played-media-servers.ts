import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { nameServer } from '../../apps/controller/src/testing/name-server.js';
import { type KubeObject, named, type Workload } from '../manifests/kube-object.js';
import { freePort } from '../support/free-port.js';
import { PlayedPod, type PodEnd } from './played-pod.js';

type Dns = Awaited<ReturnType<typeof nameServer>>;

const kind = 'StatefulSet';
const name = 'manycast-media';
const drainScript = '/etc/manycast-drain/drain.sh';

export interface MediaPlaces {
  objects: KubeObject[];
  /** Plays the cluster's DNS: the SRV record `record` lists the pods. */
  dns: Dns;
  record: string;
  /** One of the addresses behind the Service manycast-admin, and the token of the Secret. */
  admin: () => string;
  drainToken: string;
}

/**
 * The media servers of the manifests, scaled as the controller of StatefulSets does it: pods come and go side by side
 * (`Parallel`), the highest numbers go first, and a pod is listed by the headless Service until it has ended. The embedded
 * media server stands in for Kurento; hooks, grace periods and DNS records are the manifests'.
 */
export class PlayedMediaServers {
  readonly #folder = mkdtempSync(join(tmpdir(), 'manycast-played-'));
  readonly #pods: PlayedPod[] = [];

  constructor(private readonly places: MediaPlaces) {
    const map = this.set.spec.template.spec.volumes?.find(volume => volume.name === 'drain')?.configMap?.name;
    const script = named(places.objects, 'ConfigMap', map ?? '')?.data?.['drain.sh'] ?? '';
    writeFileSync(join(this.#folder, 'drain.sh'), script);
    writeFileSync(join(this.#folder, 'drain-token'), places.drainToken);
  }

  get set(): Workload {
    return named(this.places.objects, kind, name) as Workload;
  }

  get ids(): string[] {
    return this.#pods.map(({ place }) => new URL(place.httpUrl).host);
  }

  /** Resolves when the pods are as many; with how those ended that went. */
  async scale(replicas: number): Promise<PodEnd[]> {
    if (replicas >= this.#pods.length) {
      const missing = replicas - this.#pods.length;
      this.#pods.push(...(await Promise.all(Array.from({ length: missing }, () => this.#start()))));
      this.#publish();
      return [];
    }
    const going = this.#pods.slice(replicas);
    return Promise.all(
      going.map(async pod => {
        const end = await pod.terminate();
        this.#pods.splice(this.#pods.indexOf(pod), 1);
        this.#publish();
        return end;
      }),
    );
  }

  async stop(): Promise<void> {
    await Promise.all(this.#pods.map(pod => pod.process.stop()));
    rmSync(this.#folder, { recursive: true });
  }

  async #start(): Promise<PlayedPod> {
    const port = await freePort();
    return PlayedPod.start(this.places.objects, [kind, name], {
      httpUrl: `http://127.0.0.1:${port}`,
      env: { MANYCAST_HOST: '127.0.0.1', MANYCAST_PORT: String(port), MANYCAST_LOG_LEVEL: 'warn' },
      hooks: {
        env: {
          SERVER_ID: `127.0.0.1:${port}`,
          ADMIN_URL: this.places.admin(),
          TOKEN_FILE: join(this.#folder, 'drain-token'),
        },
        files: { [drainScript]: join(this.#folder, 'drain.sh') },
      },
    });
  }

  #publish(): void {
    const targets = this.#pods.map(({ place }) => new URL(place.httpUrl));
    this.places.dns.srv(
      this.places.record,
      targets.map(({ hostname, port }) => ({ target: hostname, port: Number(port) })),
    );
  }
}
