import { expect, it } from 'vitest';
import { type ObservedCall, observeCalls } from './observe-calls.js';

class Store {
  readonly #kept = new Map<string, number>();
  size = 3;
  async put(key: string, value: number): Promise<number> {
    this.#kept.set(key, value);
    return this.#kept.size;
  }
  async fail(): Promise<never> {
    throw new Error('away');
  }
  peek(key: string): number | undefined {
    return this.#kept.get(key);
  }
}

function observed() {
  const calls: ObservedCall[] = [];
  return { calls, store: observeCalls(new Store(), call => calls.push(call)) };
}

it('answers as the object itself does, private fields included', async () => {
  const { store } = observed();
  expect(await store.put('a', 7)).toBe(1);
  expect(store.peek('a')).toBe(7);
  expect(store.size).toBe(3);
});

it('reports what is asynchronous, once it is done', async () => {
  const { store, calls } = observed();
  await store.put('a', 7);
  store.peek('a');
  expect(calls).toEqual([{ method: 'put', durationMs: expect.any(Number) }]);
  expect(calls[0]?.durationMs).toBeGreaterThanOrEqual(0);
});

it('reports what failed and leaves the failure to the caller', async () => {
  const { store, calls } = observed();
  await expect(store.fail()).rejects.toThrow('away');
  expect(calls).toMatchObject([{ method: 'fail', error: new Error('away') }]);
});
