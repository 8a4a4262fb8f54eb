import { ConfigError } from './config.js';
import { exitCodes } from './termination.js';

/**
 * What every app's main.ts calls: runs the program and turns a failed start into one readable message on stderr
 * and an exit code: 78 for configuration, 69 for something that could not be reached or taken, 1 for the rest.
 */
export async function runMain(
  program: (env: Record<string, string | undefined>) => Promise<void>,
): Promise<void> {
  try {
    await program(process.env);
  } catch (error) {
    process.stderr.write(`${startFailure(error)}\n`);
    process.exit(
      error instanceof ConfigError
        ? exitCodes.config
        : isUnavailable(error)
          ? exitCodes.unavailable
          : exitCodes.failure,
    );
  }
}

function startFailure(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code, port } = error as NodeJS.ErrnoException & { port?: number };
  if (code === 'EADDRINUSE') return `port ${port} is taken by another process`;
  if (code === 'EACCES' && port !== undefined) return `port ${port} may not be used without more rights`;
  return error instanceof ConfigError || isUnavailable(error)
    ? error.message
    : (error.stack ?? error.message);
}

function isUnavailable(error: unknown): boolean {
  const code = (error as { code?: unknown } | undefined)?.code;
  return ['EADDRINUSE', 'EACCES', 'ECONNREFUSED', 'unavailable', 'media-unavailable'].includes(String(code));
}
