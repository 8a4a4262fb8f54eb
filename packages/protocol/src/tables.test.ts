import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { ClientMessage } from './client-message.js';
import { closeCodes } from './close-code.js';
import { rejectionText } from './dialect.js';

it('the ranges of our close codes say whether to reconnect', () => {
  for (const { code, reconnect } of Object.values(closeCodes)) {
    if (code >= 4000) expect(reconnect).toBe(code < 4500);
  }
});

it('each path rejects in the words of its own tutorial', () => {
  expect(rejectionText('/one2many', 'no-presenter', '')).toBe('No active presenter. Try again later...');
  expect(rejectionText('/call', 'presenter-exists', '')).toBe(
    'Another user is currently acting as sender. Try again later ...',
  );
  expect(rejectionText('/call', 'pool-full', 'the pool is full')).toBe('the pool is full');
});

it('the wire has not changed unnoticed', () => {
  // Changed on purpose? Say in SPEC.md what that means for clients and nodes of the release before, then update this.
  const schema = JSON.stringify(z.toJSONSchema(ClientMessage, { io: 'input' }));
  expect(createHash('sha256').update(schema).digest('hex').slice(0, 16)).toMatchInlineSnapshot(
    `"ededdcb59de8f154"`,
  );
});
