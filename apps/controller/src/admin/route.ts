import type { z } from 'zod';
import type { Caller } from './caller.js';
import type { ProblemCode } from './problem.js';

/** What a route is given: everything has been checked by its schemas. */
export interface RouteRequest<Params, Query, Body> {
  params: Params;
  query: Query;
  body: Body;
  caller: Caller;
}

/**
 * One route: the router checks and answers by it, and the OpenAPI document is made from it. `read` routes change
 * nothing; `write` routes are orders: idempotent, logged, and answered with what will be done.
 */
export interface RouteDefinition<
  Params extends z.ZodObject = z.ZodObject,
  Query extends z.ZodObject = z.ZodObject,
  Body extends z.ZodType = z.ZodType,
  Answer extends z.ZodType = z.ZodType,
> {
  access: 'read' | 'write';
  method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  /** `:name` stands for a parameter. */
  path: `/v1/${string}`;
  /** One sentence for the document. */
  summary: string;
  params?: Params;
  query?: Query;
  /** A route without one takes no body. */
  body?: Body;
  /** Fields of the body that are never logged. */
  secret?: readonly string[];
  /** 202: accepted, and its progress can be followed. */
  status?: 200 | 201 | 202;
  answer: Answer;
  /** Besides those that every route has. */
  problems?: readonly ProblemCode[];
  handle(request: RouteRequest<z.output<Params>, z.output<Query>, z.output<Body>>): Promise<z.input<Answer>>;
}

/** A definition whose types have done their work. */
export type Route = Omit<RouteDefinition, 'handle'> & {
  handle(request: RouteRequest<unknown, unknown, unknown>): Promise<unknown>;
};

export const route = <
  Params extends z.ZodObject,
  Query extends z.ZodObject,
  Body extends z.ZodType,
  Answer extends z.ZodType,
>(
  definition: RouteDefinition<Params, Query, Body, Answer>,
): Route => definition as unknown as Route;
