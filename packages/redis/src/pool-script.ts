import { defineScript, type RedisClient } from './define-script.js';
import type { Keys } from './keys.js';

const keyNames = ['servers', 'reservations', 'unkept', 'open', 'lost', 'totals'] as const;
const serverKeyNames = [...keyNames, 'observers', 'unsettled', 'removed'] as const;
type ServerKey = (typeof serverKeyNames)[number];

/** A script over the pool, which is one slot of a Redis Cluster: the keys it is given, and the prefixes of those that it finds. */
function overPool<Result>(file: string, names: readonly ServerKey[], libraries: string[]) {
  const script = defineScript<ServerKey, object, Result>(file, names, ['lib-pool.lua', ...libraries]);
  return (redis: RedisClient, keys: Keys, args: object): Promise<Result> =>
    script(
      redis,
      {
        servers: keys.servers(),
        reservations: keys.reservations(),
        unkept: keys.unkept(),
        open: keys.openServers(),
        lost: keys.lostRooms(),
        totals: keys.poolTotals(),
        observers: keys.observers(),
        unsettled: keys.unsettled(),
        removed: keys.removedServers(),
      },
      {
        ...args,
        placedPrefix: keys.placedPrefix(),
        labelPrefix: keys.labelPrefix(),
        sightingPrefix: keys.sightingPrefix(),
        changes: keys.serverChanges(),
      },
    );
}

export const poolScript = <Result>(file: string, ...libraries: string[]) =>
  overPool<Result>(file, keyNames, libraries);

export const serverScript = <Result>(file: string) =>
  overPool<Result>(file, serverKeyNames, ['lib-pool-servers.lua']);
