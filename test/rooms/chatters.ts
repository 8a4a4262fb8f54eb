import { createServer, type IncomingMessage } from 'node:http';
import { Crowd, type Verdict } from './crowd.js';

/**
 * A process of its own: viewers of one room on the SDK, who say things and remember what they hear. Hundreds of them in the
 * process of a test would be late for everything else that it does. Arguments: port, then JSON of who comes.
 *
 * `POST /talk` has everybody talk; `GET /` says how far they are; `POST /verdict` takes what everybody's rooms accepted and
 * says what is wrong with what was heard.
 */
export interface ChattersOrder {
  urls: string[];
  room: string;
  count: number;
  /** What they offer: they have no media. */
  sdpOffer: string;
  /** What their messages begin with. */
  name: string;
}

export interface TalkOrder {
  each: number;
  pauseMs: number;
}

/** What the room accepted: text and offset. */
export type Accepted = [text: string, offset: number][];

export interface ChattersReport {
  accepted: Accepted;
  refusals: [code: string, times: number][];
  members: { isConnected: boolean; restarts: number; gaps: number; ended?: string; viewers?: number }[];
}

async function hold(port: number, order: ChattersOrder): Promise<void> {
  const crowd = new Crowd(order.room, () => order.urls, order.sdpOffer);
  await crowd.watch(order.count);
  const answers: Record<string, (body: never) => unknown> = {
    '/talk': ({ each, pauseMs }: TalkOrder) => {
      crowd.members.forEach((member, number) => {
        void crowd.talk(member, `${order.name}${number}`, each, pauseMs);
      });
    },
    '/progress': () => crowd.accepted.size + crowd.refused,
    '/report': (): ChattersReport => ({
      accepted: [...crowd.accepted],
      refusals: [...crowd.refusals],
      members: crowd.members.map(({ session, restarts, gaps, ended, viewers }) => ({
        ...{ isConnected: session.state === 'connected', restarts, gaps, ended, viewers },
      })),
    }),
    '/verdict': (accepted: Accepted): Verdict => crowd.verdict(new Map(accepted)),
    '/leave': () => crowd.leave(),
  };
  const server = createServer(async (request, response) => {
    const answer = await answers[request.url ?? '']?.((await bodyOf(request)) as never);
    response.end(JSON.stringify(answer ?? null));
  });
  server.listen(port, '127.0.0.1', () => process.stdout.write('ready\n'));
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  let text = '';
  for await (const part of request.setEncoding('utf8')) text += part;
  return text === '' ? undefined : JSON.parse(text);
}

const [port, order] = process.argv.slice(2);
await hold(Number(port), JSON.parse(order ?? '{}'));
