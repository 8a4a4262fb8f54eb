import type { AdminPorts } from './admin-ports.js';
import { diagnosisRoutes } from './resources/diagnosis.js';
import { nodeRoutes } from './resources/nodes.js';
import { revocationRoutes } from './resources/revocations.js';
import { roomLifeRoutes } from './resources/room-life.js';
import { roomMoveRoutes } from './resources/room-moves.js';
import { roomRoutes } from './resources/rooms.js';
import { serverOrderRoutes } from './resources/server-orders.js';
import { serverRoutes } from './resources/servers.js';
import { sessionRoutes } from './resources/sessions.js';
import { webhookRoutes } from './resources/webhooks.js';
import type { Route } from './route.js';

/** Everything that the admin API has: one file per resource, one line each. */
export const adminRoutes = (ports: AdminPorts): Route[] => [
  ...nodeRoutes(ports),
  ...serverRoutes(ports),
  ...serverOrderRoutes(ports),
  ...roomRoutes(ports),
  ...roomLifeRoutes(ports),
  ...roomMoveRoutes(ports),
  ...sessionRoutes(ports),
  ...diagnosisRoutes(ports),
  ...revocationRoutes(ports),
  ...webhookRoutes(ports),
];
