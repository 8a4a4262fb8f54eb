export type MediaServers = { kind: 'embedded'; count: number } | { kind: 'kurento'; urls: string[] };

export type Environment = Record<string, string | undefined>;

export interface StartOptions {
  nodes: number;
  controllers: number;
  /** The first node's TCP port; the others follow. */
  basePort: number;
  mediaServers: MediaServers;
  /** Absent: the cluster brings its own Redis. */
  redisUrl: string | undefined;
  /** One line for scripts on stdout instead of the table. */
  json: boolean;
  /** What every child process inherits: the caller's environment without the names of Manycast and npm. */
  inherited: Environment;
  /** MANYCAST_* names of the caller, by who reads them. */
  settings: Record<'node' | 'controller' | 'media', Environment>;
}

export type StartOrder = { kind: 'help' } | { kind: 'start'; options: StartOptions };

/** Throws a Refusal (exit code 64) that names the flag or variable and what it should be. */
export function parseStart(argv: string[], env: Environment): StartOrder;

export const startHelp: string;
