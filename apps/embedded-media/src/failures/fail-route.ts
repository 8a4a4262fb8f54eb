import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { parseFailOrder } from './fail-order.js';
import type { Failures } from './failures.js';

/** `POST /fail`, one order per line: `curl -d slow=300 http://…/fail`. All of them are carried out, or none. */
export async function answerFailOrders(
  failures: Failures,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (request.method !== 'POST') return void response.writeHead(405, { allow: 'POST' }).end();
  try {
    const lines = (await text(request)).split('\n').filter(line => line.trim() !== '');
    for (const order of lines.map(parseFailOrder)) failures.order(order);
    response.end('ok\n');
  } catch (error) {
    response.writeHead(400).end(`${error instanceof Error ? error.message : error}\n`);
  }
}
