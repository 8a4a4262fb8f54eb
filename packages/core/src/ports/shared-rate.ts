/** Counts what all nodes together see of one client, in windows that begin with its first sign. */
export interface SharedRate {
  /** One more. `overForMs`: how long it is over its limit; 0 while it is not. Never rejects: while the store is away a node counts alone. */
  add(key: string): Promise<{ overForMs: number }>;
}
