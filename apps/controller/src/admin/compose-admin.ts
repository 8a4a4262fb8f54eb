import { type Logger, Periodic, type Service } from '@manycast/runtime';
import type { Config } from '../config.js';
import { adminApp } from './admin-app.js';
import type { AdminPorts } from './admin-ports.js';
import { AdminServer } from './admin-server.js';
import { byToken, openHere } from './admission.js';
import { adminRoutes } from './routes.js';
import { TokenFile } from './token-file.js';

/** How soon a token that was taken out of the file is good for nothing. */
const tokensMs = 5_000;

/** What runs of the admin API: nothing unless it is known who may use it. */
export async function composeAdmin(config: Config, ports: AdminPorts, log: Logger): Promise<Service[]> {
  const { adminTokensFile, adminOpen, adminHost: host, adminPort: port } = config;
  const tokens = adminTokensFile === undefined ? undefined : await TokenFile.open(adminTokensFile, log);
  if (!tokens && !adminOpen) return [];
  const app = adminApp(adminRoutes(ports), tokens ? byToken(tokens) : openHere, log, config.adminPagesDir);
  return [
    ...(tokens
      ? [new Periodic({ name: 'admin tokens', everyMs: tokensMs, log }, () => tokens.refresh())]
      : []),
    new AdminServer({ host, port, app, log }),
  ];
}
