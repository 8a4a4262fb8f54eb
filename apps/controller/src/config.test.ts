import { loadConfig } from '@manycast/runtime';
import { describe, expect, it } from 'vitest';
import { configSchema } from './config.js';

const needed = { MANYCAST_REDIS_URL: 'redis://r', MANYCAST_MEDIA_SERVERS: 'ws://m/kurento' };
const load = (env: Record<string, string>) => loadConfig(configSchema, { ...needed, ...env });

describe('an open admin API', () => {
  it('is not the default', () => {
    expect(load({})).toMatchObject({ adminOpen: false, adminHost: '127.0.0.1', adminTokensFile: undefined });
  });

  it('is for this machine', () => {
    expect(load({ MANYCAST_ADMIN_OPEN: 'true' }).adminOpen).toBe(true);
    const everywhere = { MANYCAST_ADMIN_OPEN: 'true', MANYCAST_ADMIN_HOST: '0.0.0.0' };
    expect(() => load(everywhere)).toThrow(/MANYCAST_ADMIN_OPEN: .*not on 0\.0\.0\.0/);
  });

  it('is not also one with tokens', () => {
    expect(() => load({ MANYCAST_ADMIN_OPEN: 'true', MANYCAST_ADMIN_TOKENS_FILE: '/t' })).toThrow(/not both/);
  });
});
