import { type DestinationStream, type Logger, type LoggerOptions, pino, stdTimeFunctions } from 'pino';

export type { Logger };

/** JSON lines on stdout, or where `to` says: level by name, ISO time, and whatever `child({room, session})` bound. */
export function createLogger(options: { name: string; level: string }, to?: DestinationStream): Logger {
  const settings: LoggerOptions = {
    level: options.level,
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: label => ({ level: label }) },
    base: { app: options.name },
    redact: { paths: ['token', 'password', '*.token', '*.password'], censor: '[redacted]' },
  };
  return to ? pino(settings, to) : pino(settings);
}
