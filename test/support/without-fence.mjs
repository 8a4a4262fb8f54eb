import { RedisRoomStore } from '@manycast/redis';

/**
 * For the proof that the chaos test can fail: in this process a `leave` by a superseded attachment is carried out all
 * the same, as if its script did not compare epochs.
 */
export function removeFence() {
  const { leave } = RedisRoomStore.prototype;
  RedisRoomStore.prototype.leave = async function leaveUnfenced(order) {
    const result = await leave.call(this, order);
    if (result.status !== 'fenced') return result;
    const present = await this.session(order.room, order.session);
    return leave.call(this, { ...order, epoch: present.epoch });
  };
}
