import { expect, it } from 'vitest';
import { assertSocketAvailable, bindAddressOf } from './bind-address.js';

it('knows the addresses of this machine', () => {
  expect(bindAddressOf('127.0.0.1')).toBe('127.0.0.1');
  expect(bindAddressOf('0.0.0.0')).toBeUndefined();
  expect(() => bindAddressOf('203.0.113.5')).toThrow('203.0.113.5');
  expect(() => bindAddressOf('not an address')).toThrow();
});

it('finds out whether a socket can be had', async () => {
  await expect(assertSocketAvailable('127.0.0.1')).resolves.toBeUndefined();
  await expect(assertSocketAvailable('203.0.113.5')).rejects.toMatchObject({ code: 'EADDRNOTAVAIL' });
});
