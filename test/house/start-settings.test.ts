import { environmentName } from '@manycast/runtime';
import { describe, expect, it } from 'vitest';
import { configSchema as controller } from '../../apps/controller/src/config.js';
import { parseStart } from '../../apps/dev/bin/lib/start-options.mjs';
import { configSchema as media } from '../../apps/embedded-media/src/config.js';
import { configSchema as node } from '../../apps/signaling/src/config.js';

const schemas = { node, controller, media };
type Role = keyof typeof schemas;

/** Set by npm start itself. */
const chosen = new Set([
  'host',
  'port',
  'nodeId',
  'publicUrl',
  'redisUrl',
  'mediaServers',
  'adminHost',
  'adminPort',
  'adminOpen',
]);
/** The embedded media servers know them too, but here they mean clients, of whom those have none. */
const limitsOfNodes = new Set(['maxSockets', 'maxFrameBytes']);

const keys = [...new Set(Object.values(schemas).flatMap(schema => Object.keys(schema.shape)))].filter(
  key => !chosen.has(key),
);

describe('npm start hands on', () => {
  it.each(keys)('%s, to every app that knows it and to no other', key => {
    const name = environmentName(key);
    const order = parseStart([], { [name]: '1' });
    if (order.kind !== 'start') throw new Error('asked for help');
    const { settings } = order.options;
    const roles = Object.keys(schemas) as Role[];
    const readers = roles.filter(
      role => key in schemas[role].shape && !(role === 'media' && limitsOfNodes.has(key)),
    );
    expect(roles.filter(role => name in settings[role])).toEqual(readers);
  });
});
