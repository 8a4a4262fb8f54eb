import { z } from 'zod';
import { ProblemBody, type ProblemCode, problemCodes } from './problem.js';
import type { Route } from './route.js';

type Json = Record<string, unknown>;

/** What any route may be answered with. */
const everywhere: readonly ProblemCode[] = [
  ...(['invalid-parameter', 'unauthenticated', 'forbidden', 'foreign-origin'] as const),
  ...(['internal', 'unavailable'] as const),
];

/** The OpenAPI 3.1 document, made from the same schemas that check the requests. */
export function openApiDocument(routes: readonly Route[]): Json {
  const paths: Record<string, Json> = {};
  const schemas: Json = {};
  const schemaOf = (schema: z.ZodType, io: 'input' | 'output') => named(schema, io, schemas);
  for (const route of routes) {
    const path = route.path.replace(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [route.method]: operation(route, schemaOf) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Manycast admin API',
      version: '1',
      description:
        'The cluster as its operators see it, and the orders that they give. Orders are idempotent.',
    },
    security: [{ token: [] }],
    paths,
    components: {
      schemas,
      securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
    },
  };
}

function operation(route: Route, schemaOf: (schema: z.ZodType, io: 'input' | 'output') => Json): Json {
  const { method, path, summary, params, query, body, answer, status = 200, problems = [] } = route;
  const content = (schema: Json) => ({ 'application/json': { schema } });
  const parameters = [...fields(params, 'path', schemaOf), ...fields(query, 'query', schemaOf)];
  const bodyProblems: ProblemCode[] = body ? ['invalid-json', 'not-json', 'too-large'] : [];
  return {
    operationId: `${method}-${path.replace(/^\/v1\//, '').replace(/[/:]+/g, '-')}`,
    summary,
    tags: [path.split('/')[2]],
    'x-role': route.access,
    ...(parameters.length > 0 && { parameters }),
    ...(body && {
      requestBody: { required: !body.safeParse({}).success, content: content(schemaOf(body, 'input')) },
    }),
    responses: {
      [status]: { description: 'done', content: content(schemaOf(answer, 'output')) },
      ...problemResponses(
        [...everywhere, ...bodyProblems, ...problems],
        content(schemaOf(ProblemBody, 'output')),
      ),
    },
  };
}

function fields(
  object: z.ZodObject | undefined,
  place: 'path' | 'query',
  schemaOf: (schema: z.ZodType, io: 'input' | 'output') => Json,
): Json[] {
  return Object.entries(object?.shape ?? {}).map(([name, field]) => {
    const type = field as z.ZodType;
    const { description, ...schema } = schemaOf(type, 'input');
    const required = place === 'path' || !type.safeParse(undefined).success;
    return { name, in: place, required, schema, ...(description ? { description } : {}) };
  });
}

/** One entry per status, with every code that comes under it. */
function problemResponses(codes: readonly ProblemCode[], content: Json): Json {
  const meanings = new Map<number, Set<string>>();
  for (const code of codes) {
    const { status, meaning } = problemCodes[code];
    meanings.set(status, (meanings.get(status) ?? new Set()).add(`\`${code}\`: ${meaning}`));
  }
  return Object.fromEntries(
    [...meanings].map(([status, lines]) => [status, { description: [...lines].join('; '), content }]),
  );
}

/** Schemas with a name (`meta({id})`) go to the components, once; the rest stands where it is used. */
function named(schema: z.ZodType, io: 'input' | 'output', schemas: Json): Json {
  const { $schema, $defs, ...json } = z.toJSONSchema(schema, { io, unrepresentable: 'any' }) as Json;
  const moved = JSON.parse(JSON.stringify({ $defs, json }).replaceAll('"#/$defs/', '"#/components/schemas/'));
  for (const [name, definition] of Object.entries((moved.$defs ?? {}) as Record<string, Json>))
    schemas[name] = withoutId(definition);
  const { id } = (moved.json ?? {}) as { id?: string };
  if (id === undefined) return moved.json;
  schemas[id] = withoutId(moved.json);
  return { $ref: `#/components/schemas/${id}` };
}

const withoutId = ({ id, ...rest }: Json): Json => rest;
