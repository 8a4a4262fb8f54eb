import { ConfigError, loadConfig } from '@manycast/runtime';
import { configSchema as controller } from '../../apps/controller/src/config.js';
import type { DnsSource } from '../../apps/controller/src/discovery/dns-source.js';
import { configSchema as embeddedMedia } from '../../apps/embedded-media/src/config.js';
import { configSchema as signaling } from '../../apps/signaling/src/config.js';
import { readDockerfile } from './dockerfile.js';

/** The apps that have an image of their own, manycast/NAME. */
export const appSchemas = { signaling, controller, 'embedded-media': embeddedMedia } satisfies Record<
  string,
  Parameters<typeof loadConfig>[0]
>;
export type App = keyof typeof appSchemas;
export const apps = Object.keys(appSchemas) as App[];

/** What the tests need to know of a loaded configuration; an app has some of it. */
export interface AppConfig {
  host: string;
  port: number;
  stopDeadlineMs?: number;
  drainMs?: number;
  heartbeatMs?: number;
  mediaServers?: string[];
  mediaDns?: DnsSource[];
  adminHost?: string;
  adminTokensFile?: string;
  redisUrl?: string;
  redisPrefix?: string;
  tokenSecret?: string;
  presenterGraceMs?: number;
  viewerGraceMs?: number;
}

/**
 * The variables of Kurento's image, from its entry point:
 * https://github.com/Kurento/kurento/blob/7.3.0/docker/kurento-media-server/entrypoint.sh
 */
const kurentoSettings = new Set([
  // Ours, for k8s/base/drain.sh.
  ...['POD_NAME', 'POD_NAMESPACE', 'SERVER_ID'],
  ...['KMS_MIN_PORT', 'KMS_MAX_PORT', 'KMS_MTU', 'KMS_EXTERNAL_IPV4', 'KMS_EXTERNAL_IPV6'],
  ...['KMS_NETWORK_INTERFACES', 'KMS_ICE_TCP', 'KMS_STUN_IP', 'KMS_STUN_PORT', 'KMS_TURN_URL'],
  ...['KMS_PEM_CERTIFICATE_RSA', 'KMS_PEM_CERTIFICATE_ECDSA', 'KMS_UID', 'GST_DEBUG'],
]);

export function appOf(image: string): App | undefined {
  return apps.find(app => new RegExp(`(^|/)manycast/${app}(:|@|$)`).test(image));
}

/** Starts an app's configuration as its main.ts would, with the image's own variables below the given ones. */
export function configOf(
  image: string,
  env: Record<string, string>,
): { config?: AppConfig; problems: string[] } {
  const app = appOf(image);
  if (!app) return { problems: foreignProblems(image, env) };
  try {
    return { config: loadConfig(appSchemas[app], { ...readDockerfile(app).env, ...env }), problems: [] };
  } catch (error) {
    if (error instanceof ConfigError) return { problems: error.problems };
    throw error;
  }
}

function foreignProblems(image: string, env: Record<string, string>): string[] {
  const isKurento = image.includes('kurento');
  return Object.keys(env)
    .filter(name => name.startsWith('MANYCAST_') || (isKurento && !kurentoSettings.has(name)))
    .map(name => `${name}: ${image} has no such setting`);
}
