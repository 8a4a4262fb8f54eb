import type { Logger } from './logger.js';

/** Something that took time. Times are Unix ms. */
export interface Span {
  name: string;
  startMs: number;
  endMs: number;
  attributes?: Record<string, string | number | boolean>;
  /** A code; undefined when it went well. */
  failure?: string | undefined;
  children?: Span[];
}

/** Where finished work is told to, for whoever looks at traces. Telling costs the teller nothing to wait for. */
export interface Tracing {
  /** `trace`: 32 hexadecimal digits join it with what others tell; another name becomes the attribute `trace`. */
  record(trace: string, span: Span): void;
  /** Sends what is left, within its own deadline. */
  stop(): Promise<void>;
}

export const noTracing: Tracing = { record: () => {}, stop: async () => {} };

/**
 * Sends spans to a collector by OTLP over HTTP: `url` such as `http://collector:4318`. OpenTelemetry is loaded here and
 * nowhere else, so who does not ask for it does not pay for it.
 */
export async function openTracing(options: { url: string; app: string; log: Logger }): Promise<Tracing> {
  const { openOtlpTracing } = await import('./otlp-tracing.js');
  return openOtlpTracing(options);
}
