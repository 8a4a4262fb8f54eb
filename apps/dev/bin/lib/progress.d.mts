export interface Progress {
  /** Names what is being done from now on. */
  step(text: string): void;
  /** Nothing more to tell; on a terminal the line is taken away. */
  end(): void;
}

export function createProgress(stream: NodeJS.WriteStream): Progress;
