export { backoffMs } from './backoff.js';
export { ConfigError, describeConfig, environmentName, loadConfig } from './config.js';
export { listOf, logLevel, urlWith, wholeNumber } from './config-fields.js';
export { createLogger, type Logger } from './logger.js';
export { runMain } from './main.js';
export { Counter, createRegistry, Gauge, Histogram, type Registry } from './metrics.js';
export { runServices, type Service } from './service.js';
export { exitCodes, onTermination } from './termination.js';
