export { backoffMs } from './backoff.js';
export { type CertificateFiles, readCertificate } from './certificate.js';
export { ConfigError, describeConfig, environmentName, loadConfig } from './config.js';
export { flag, labels, listOf, logLevel, secret, urlWith, wholeNumber } from './config-fields.js';
export { healthRoutes } from './health-routes.js';
export { HealthServer, type HealthServerOptions } from './health-server.js';
export { createLogger, type Logger } from './logger.js';
export { runMain } from './main.js';
export { Counter, createRegistry, durationBuckets, Gauge, Histogram, type Registry } from './metrics.js';
export { type ObservedCall, observeCalls } from './observe-calls.js';
export { Periodic, type PeriodicOptions } from './periodic.js';
export { Readiness } from './readiness.js';
export {
  type HostPort,
  type RedisAddress,
  readRedisAddress,
  redisAddress,
  withoutPassword,
} from './redis-address.js';
export { redisSettings } from './redis-settings.js';
export { runServices, type Service } from './service.js';
export { exitCodes, onTermination } from './termination.js';
export { noTracing, openTracing, type Span, type Tracing } from './tracing.js';
export { TurnedAway, Turnstile } from './turnstile.js';
export { writeOncePerTurn } from './write-once-per-turn.js';
