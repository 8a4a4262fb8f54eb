/** Of whom the cluster knows that they want to hear of what happens in rooms. */
export interface WebhookDemand {
  /**
   * Says which receivers there are and what has to be kept for them (names of `Told`). Said again and again: what
   * nobody has named for a day is forgotten. Throws SignalError `unavailable`.
   */
  announce(receivers: { id: string; sources: readonly string[] }[]): Promise<void>;

  /** Learns what others have announced. Throws SignalError `unavailable`. */
  refresh(): Promise<void>;
}
