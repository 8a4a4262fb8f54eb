import type { MediaServerUrl } from '@manycast/protocol';
import { SignalError } from '@manycast/protocol';
import type { Cluster } from '../cluster.js';

/** A server that refuses one more endpoint has shown what it can bear: the pool is told, and the refusal goes on. */
export const measured =
  ({ pool, undo }: Pick<Cluster, 'pool' | 'undo'>, server: MediaServerUrl) =>
  (thrown: unknown): never => {
    const error = SignalError.from(thrown);
    if (error.code === 'media-full') undo.run('measure server', () => pool.refused(server));
    throw error;
  };
