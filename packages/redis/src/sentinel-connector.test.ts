import { afterEach, expect, it, vi } from 'vitest';
import { connectTo } from './redis-link.js';
import { FakeSentinel } from './testing/fake-sentinel.js';

const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

it('[R-REDIS-1] a failover that is told while the master is being looked for does not end the connection', async () => {
  const sentinel = await FakeSentinel.start();
  const redis = connectTo(`redis+sentinel://127.0.0.1:${sentinel.port}/mymaster`, {});
  ends.push(
    () => sentinel.stop(),
    () => redis.disconnect(),
  );
  redis.on('error', () => undefined);
  await vi.waitFor(() => expect([redis.status, sentinel.subscribers]).toEqual(['ready', 1]));

  sentinel.isHeld = true;
  const { asked } = sentinel;
  sentinel.dropMasterConnections();
  await vi.waitFor(() => expect(sentinel.asked).toBeGreaterThan(asked), { timeout: 5_000 });
  sentinel.tellOfNewMaster();
  await new Promise(resolve => setTimeout(resolve, 50));
  sentinel.release();
  await vi.waitFor(() => expect(redis.status).toBe('ready'), { timeout: 5_000 });
});
