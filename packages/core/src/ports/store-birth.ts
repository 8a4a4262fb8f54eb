/** Tells a store that came back empty from the one it was. */
export interface StoreBirth {
  /**
   * Names the present filling, giving it a name when it has none: another name than before means that everything
   * was lost in between. `ageMs`: since it was first asked for. Throws SignalError `unavailable`.
   */
  read(): Promise<{ name: string; ageMs: number }>;
}
