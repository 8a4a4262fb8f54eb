import { type Logger, pino, stdTimeFunctions } from 'pino';

export type { Logger };

/** JSON lines on stdout: level by name, ISO time, and whatever `child({room, session})` bound. */
export function createLogger(options: { name: string; level: string }): Logger {
  return pino({
    level: options.level,
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: label => ({ level: label }) },
    base: { app: options.name },
    redact: { paths: ['token', 'password', '*.token', '*.password'], censor: '[redacted]' },
  });
}
