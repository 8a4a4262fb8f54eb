import type { JsonObject } from './json.js';
import { register } from './objects/register.js';

/** The version of Kurento whose protocol is spoken. */
const version = '7.3.1';

/** Says to operators, in the field that Kurento leaves to them, that this is not a Kurento. */
export const serverMetadata = JSON.stringify({ server: 'manycast-embedded-media' });

/** Clients refuse a server that lacks a module they know, so all three are named; the factories are the true ones. */
const modules = [
  { name: 'core', factories: ['MediaPipeline', 'PassThrough'] },
  { name: 'elements', factories: ['WebRtcEndpoint'] },
  { name: 'filters', factories: [] },
];

export function serverInfo(): JsonObject {
  return register('ServerInfo', {
    version,
    type: 'KMS',
    capabilities: ['transactions'],
    modules: modules.map(({ name, factories }) =>
      register('ModuleInfo', { version, name, generationTime: '', factories }),
    ),
  });
}
