import { MemoryPoolStore, MemoryServerRegistry } from '@manycast/core';
import { bringUp } from '@manycast/core/contracts';
import { createLogger } from '@manycast/runtime';
import { describe, expect, it, onTestFinished } from 'vitest';
import { nameServer } from '../testing/name-server.js';
import { DnsDiscovery } from './dns-discovery.js';
import { type DnsSource, lookUpWith, parseDnsSource } from './dns-source.js';

const log = createLogger({ name: 'test', level: 'silent' });

async function discovering(...sources: string[]) {
  const dns = await nameServer();
  onTestFinished(() => void dns.close());
  const pool = new MemoryPoolStore({ reservationMs: 1_000, now: Date.now });
  const servers = new MemoryServerRegistry(pool.state);
  const read = async () => (await pool.read()).map(({ url }) => url).sort();
  let known: Awaited<ReturnType<typeof pool.read>> = [];
  const discovery = new DnsDiscovery({
    sources: sources.map(parseDnsSource) as DnsSource[],
    lookUp: lookUpWith([dns.address], 500),
    ...{ servers, capacity: 50, leaveMs: 60_000, everyMs: 10_000, isStoreUp: () => true, log },
    known: () => known.filter(({ sources: by }) => by.includes('dns')).map(({ url }) => url),
  });
  const look = async () => {
    known = await pool.read();
    return discovery.look();
  };
  return { dns, pool, servers, read, look };
}

describe('media servers by DNS', () => {
  it('are those of a name’s addresses, looked up again when their time is over', async () => {
    const { dns, pool, look, read } = await discovering('dns+ws://media:8888/kurento');
    dns.a('media', ['10.0.0.1', '10.0.0.2'], 3);
    expect(await look()).toBe(3_000);
    expect(await read()).toEqual(['ws://10.0.0.1:8888/kurento', 'ws://10.0.0.2:8888/kurento']);
    expect((await pool.read())[0]).toMatchObject({ capacity: 50, sources: ['dns'], state: 'joining' });
    dns.a('media', ['10.0.0.1', '10.0.0.2', '10.0.0.3'], 3_600);
    expect(await look()).toBe(10_000);
    expect(await read()).toHaveLength(3);
    dns.a('media', ['10.0.0.1'], 0);
    expect(await look()).toBe(1_000);
  });

  it('are those of a service’s targets and ports', async () => {
    const { dns, look, read } = await discovering('srv+wss://_kurento._tcp.media/kurento');
    dns.srv('_kurento._tcp.media', [{ target: 'kms-0.media', port: 8433 }]);
    await look();
    expect(await read()).toEqual(['wss://kms-0.media:8433/kurento']);
  });

  it('leave kindly when they are named no more, which has to be seen twice', async () => {
    const { dns, pool, servers, look } = await discovering('dns+ws://media:8888/kurento');
    dns.a('media', ['10.0.0.1', '10.0.0.2']);
    await look();
    await bringUp(
      servers,
      (await pool.read()).map(({ url }) => ({ url })),
    );
    for (const { url } of await pool.read()) await servers.withdraw('static', url, 0);
    dns.a('media', ['10.0.0.1']);
    await look();
    expect((await pool.read()).map(({ drain }) => drain)).toEqual([null, null]);
    await look();
    expect((await pool.read()).map(({ drain }) => drain?.isRemoval)).toEqual([undefined, true]);
  });

  it('stay when the name server is away, or knows nobody', async () => {
    const { dns, look, read } = await discovering('dns+ws://media:8888/kurento');
    dns.a('media', ['10.0.0.1']);
    await look();
    dns.forget();
    for (let looks = 0; looks < 4; looks += 1) await look();
    expect(await read()).toEqual(['ws://10.0.0.1:8888/kurento']);
  });

  it.each([
    'ws://media:8888/kurento',
    'dns+ws://media/kurento',
    'srv+ws://media:1/kurento',
    'dns+http://a:1/',
  ])('%s is no such name', text => expect(parseDnsSource(text)).toBeNull());
});
