import { BullExpiryQueue } from '@manycast/jobs';
import { createKurentoMedia } from '@manycast/kurento';
import { RedisNodeInbox, RedisPoolStore, RedisRoomStore } from '@manycast/redis';
import { createLogger } from '@manycast/runtime';

const log = createLogger({ name: 'faults', level: 'silent' });
/** Of an engine without servers: its class is its package's own affair. */
const mediaMethods = Object.getPrototypeOf(createKurentoMedia({ log }));

/** What is done right before each step. */
const before = {
  'presenter:claimed': [RedisRoomStore.prototype, 'claim'],
  'presenter:reserved': [RedisPoolStore.prototype, 'reserve'],
  'presenter:published': [mediaMethods, 'publish'],
  'presenter:live': [RedisRoomStore.prototype, 'goLive'],
  'viewer:joined': [RedisRoomStore.prototype, 'join'],
  'viewer:viewed': [mediaMethods, 'view'],
  'viewer:confirmed': [RedisRoomStore.prototype, 'confirm'],
  'resume:attached': [RedisRoomStore.prototype, 'attach'],
  'resume:adopted': [mediaMethods, 'adopt'],
  'leave:left': [RedisRoomStore.prototype, 'leave'],
  'detach:detached': [RedisRoomStore.prototype, 'detach'],
  'detach:scheduled': [BullExpiryQueue.prototype, 'schedule'],
  'reap:detached': [RedisRoomStore.prototype, 'detachNode'],
  'reap:scheduled': [BullExpiryQueue.prototype, 'schedule'],
  'expiry:expired': [RedisRoomStore.prototype, 'expire'],
  'relocation:lost': [RedisRoomStore.prototype, 'lose'],
  'relocation:placed': [RedisPoolStore.prototype, 'relocate'],
  'relocation:told': [RedisNodeInbox.prototype, 'send'],
  'relocation:left': [RedisPoolStore.prototype, 'release'],
};

/**
 * In this process what comes before the step is done once more when it has been done, and the second reply counts: as
 * when a connection repeats what it holds for lost.
 *
 * @param {string} step
 * @param {() => boolean} happensNow
 */
export function doneTwice(step, happensNow) {
  const [methods, name] = before[step];
  const once = methods[name];
  methods[name] = async function twice(...args) {
    const result = await once.apply(this, args);
    // An expiry that came too early is no step yet.
    if (result?.status === 'not-yet' || !happensNow()) return result;
    const second = await once.apply(this, args);
    process.stdout.write(`reached ${step}\n`);
    return second;
  };
}
