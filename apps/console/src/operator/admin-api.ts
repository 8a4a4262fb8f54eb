export interface MediaServer {
  id: string;
  state: string;
  capacity: number;
  reserved: number;
  rooms: number;
  load: { cpu: number | null } | null;
  drain: { deadline: string } | null;
}
export interface SignalingNode {
  id: string;
  state: string;
  rooms: number;
}
export interface Room {
  name: string;
  state: string;
  server: string;
  slots: number;
}
export interface Session {
  id: string;
  role: string;
  state: string;
  node: string;
}
export interface EndpointSight {
  state: string;
  connection?: string;
  bytesInPerS?: number;
  bytesOutPerS?: number;
  packetsLost?: number;
}
export interface Diagnosis {
  session: string;
  room: string;
  role: string;
  trace: string | null;
  node: string | null;
  server: string | null;
  isOver: boolean;
  verdict: { code: string; words: string };
  events: { at: string; what: string; node: string; detail?: Record<string, unknown> }[];
  endpoint: EndpointSight | null;
  presenterEndpoint: EndpointSight | null;
}

/** An answer that is no success, in the API's own words. */
export class AdminProblem extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

/** The admin API of the controller that served this page. The token stays in this tab. */
export class AdminApi {
  token = '';
  /** `METHOD PATH` of every route this release has: what it has not is not offered. */
  private routes: ReadonlySet<string> = new Set();

  async connect(): Promise<void> {
    const { paths } = await this.ask<{ paths: Record<string, object> }>('GET', '/openapi.json');
    this.routes = new Set(
      Object.entries(paths).flatMap(([path, methods]) =>
        Object.keys(methods).map(method => `${method.toUpperCase()} ${path}`),
      ),
    );
  }

  has(method: string, path: string): boolean {
    return this.routes.has(`${method} /v1${path}`);
  }

  servers = async () => (await this.ask<{ servers: MediaServer[] }>('GET', '/servers')).servers;
  nodes = async () => (await this.ask<{ nodes: SignalingNode[] }>('GET', '/nodes')).nodes;

  /** All of them, page by page. */
  async rooms(): Promise<Room[]> {
    const rooms: Room[] = [];
    let after: string | null = '';
    while (after !== null) {
      const query: string = after && `?after=${encodeURIComponent(after)}`;
      const page: { rooms: Room[]; next: string | null } = await this.ask('GET', `/rooms${query}`);
      rooms.push(...page.rooms);
      after = page.next;
    }
    return rooms;
  }

  sessions = async (room: string) =>
    (await this.ask<{ sessions: Session[] }>('GET', `/rooms/${encodeURIComponent(room)}/sessions`)).sessions;
  diagnose = (session: string) =>
    this.ask<Diagnosis>('GET', `/sessions/${encodeURIComponent(session)}/diagnosis`);

  /** Throws AdminProblem; `away` when no controller answers. */
  async ask<T>(method: string, path: string, body?: object): Promise<T> {
    const response = await fetch(`./v1${path}`, {
      method,
      headers: {
        ...(this.token && { authorization: `Bearer ${this.token}` }),
        ...(body && { 'content-type': 'application/json' }),
      },
      ...(body && { body: JSON.stringify(body) }),
    }).catch(() => {
      throw new AdminProblem('away', 'no controller answers');
    });
    const answer = await response.json();
    if (!response.ok) throw new AdminProblem(answer.code, answer.message);
    return answer;
  }
}
