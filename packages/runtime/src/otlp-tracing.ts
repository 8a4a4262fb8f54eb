import { randomBytes } from 'node:crypto';
import {
  type Context,
  ROOT_CONTEXT,
  SpanStatusCode,
  TraceFlags,
  trace as traceApi,
} from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import type { Logger } from './logger.js';
import type { Span, Tracing } from './tracing.js';

/** A stopping process waits no longer than this for a collector. */
const stopMs = 2_000;

export function openOtlpTracing({ url, app, log }: { url: string; app: string; log: Logger }): Tracing {
  const exporter = new OTLPTraceExporter({ url: new URL('v1/traces', `${url.replace(/\/$/, '')}/`).href });
  const provider = new BasicTracerProvider({
    resource: resourceFromAttributes({ 'service.name': `manycast-${app}` }),
    spanProcessors: [new BatchSpanProcessor(exporter, { scheduledDelayMillis: 1_000, maxQueueSize: 10_000 })],
  });
  const tracer = provider.getTracer('manycast');
  log.info({ url }, 'traces are sent');

  function tell(span: Span, within: Context, attributes: Span['attributes']): void {
    const made = tracer.startSpan(
      span.name,
      { startTime: span.startMs, attributes: { ...attributes, ...span.attributes } },
      within,
    );
    if (span.failure) made.setStatus({ code: SpanStatusCode.ERROR, message: span.failure });
    const inside = traceApi.setSpan(within, made);
    for (const child of span.children ?? []) tell(child, inside, undefined);
    made.end(span.endMs);
  }

  return {
    record(trace, span) {
      const isTraceId = /^[0-9a-f]{32}$/.test(trace) && !/^0+$/.test(trace);
      tell(span, isTraceId ? parentIn(trace) : ROOT_CONTEXT, isTraceId ? undefined : { trace });
    },
    async stop() {
      const late = new Promise<void>(resolve => setTimeout(resolve, stopMs).unref());
      await Promise.race([provider.shutdown().catch(() => {}), late]);
    },
  };
}

/** The client that named the trace may have a span of its own; nothing is known of it. */
const parentIn = (traceId: string): Context =>
  traceApi.setSpanContext(ROOT_CONTEXT, {
    traceId,
    spanId: randomBytes(8).toString('hex'),
    traceFlags: TraceFlags.SAMPLED,
    isRemote: true,
  });
