import { connect as connectTcp, type NetConnectOpts } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { AbstractConnector, type Cluster } from 'ioredis';

interface Target {
  host: string;
  port: number;
}

/**
 * How a connection for the bus finds a node of a Redis Cluster: any of them hears what is published on any other; after a
 * loss it is another one. ioredis has a subscriber of its own for clusters, which subscribes again by itself and does
 * not say that it has, so what was missed meanwhile would stay missed.
 */
export function clusterBusConnector(
  cluster: Cluster,
  seeds: Target[],
  isTls: boolean,
): new (
  options: unknown,
) => AbstractConnector {
  let turn = Math.floor(Math.random() * 1_000);

  function next(): Target {
    const known = cluster.nodes('all').map(({ options }) => ({
      host: options.host ?? '127.0.0.1',
      port: options.port ?? 6379,
    }));
    const targets = known.length > 0 ? known : seeds;
    turn += 1;
    return targets[turn % targets.length] as Target;
  }

  return class ClusterBusConnector extends AbstractConnector {
    constructor(options: unknown) {
      super((options as { disconnectTimeout?: number }).disconnectTimeout ?? 2_000);
    }

    override async connect() {
      this.connecting = true;
      const target: NetConnectOpts = next();
      this.stream = isTls ? connectTls({ ...target, servername: target.host }) : connectTcp(target);
      return this.stream;
    }
  } as unknown as new (
    options: unknown,
  ) => AbstractConnector;
}
