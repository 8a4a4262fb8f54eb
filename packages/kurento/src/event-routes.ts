import type { EndpointEvent } from '@manycast/core';
import type { EndpointId, PipelineId } from '@manycast/protocol';
import type { Link } from './link.js';

export interface Route {
  endpoint: EndpointId;
  pipeline: PipelineId;
  /** Whose session subscribed: events come over it, and requests for the endpoint prefer it. */
  link: Link;
  /** Their ids in that session. */
  subscriptions: string[];
  /** Must not throw. */
  onEvent: (event: EndpointEvent) => void;
}

/** Who listens to which endpoint of one media server. */
export class EventRoutes {
  readonly #routes = new Map<string, Route>();
  readonly #endpoints = new Map<PipelineId, Set<EndpointId>>();

  add(route: Route): void {
    this.#routes.set(route.endpoint, route);
    const endpoints = this.#endpoints.get(route.pipeline) ?? new Set();
    this.#endpoints.set(route.pipeline, endpoints.add(route.endpoint));
  }

  find(object: string): Route | undefined {
    return this.#routes.get(object);
  }

  of(link: Link): Route[] {
    return [...this.#routes.values()].filter(route => route.link === link);
  }

  removeEndpoint(endpoint: EndpointId): void {
    const route = this.#routes.get(endpoint);
    if (!route) return;
    this.#routes.delete(endpoint);
    const endpoints = this.#endpoints.get(route.pipeline);
    endpoints?.delete(endpoint);
    if (endpoints?.size === 0) this.#endpoints.delete(route.pipeline);
  }

  removePipeline(pipeline: PipelineId): void {
    for (const endpoint of this.#endpoints.get(pipeline) ?? []) this.#routes.delete(endpoint);
    this.#endpoints.delete(pipeline);
  }

  clear(): void {
    this.#routes.clear();
    this.#endpoints.clear();
  }
}
