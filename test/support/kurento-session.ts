import { type Json, KurentoSocket, type Reply } from './kurento-rpc.js';

export interface Operation {
  method: string;
  params: Json;
}

/**
 * One Kurento session on one socket, named in every request, as kurento-client does it.
 * Adds spelling only: each method is one request, and error replies are thrown as KurentoRpcError.
 */
export class KurentoSession {
  private constructor(
    readonly socket: KurentoSocket,
    readonly id: string,
    readonly serverId: string,
  ) {}

  /** A new session, or an old one taken over by this socket. */
  static async connect(socket: KurentoSocket, sessionId?: string): Promise<KurentoSession> {
    const result = await socket.call('connect', sessionId === undefined ? undefined : { sessionId });
    return new KurentoSession(socket, result.sessionId, result.serverId);
  }

  static async open(url: string, sessionId?: string): Promise<KurentoSession> {
    return KurentoSession.connect(await KurentoSocket.open(url), sessionId);
  }

  request(method: string, params: object = {}, id?: string | number): Promise<Reply> {
    return this.socket.request(method, { sessionId: this.id, ...params }, id);
  }

  call(method: string, params: object = {}, id?: string | number): Promise<Json> {
    return this.socket.call(method, { sessionId: this.id, ...params }, id);
  }

  async create(type: string, constructorParams: object = {}, id?: string | number): Promise<string> {
    return (await this.call('create', { type, constructorParams }, id)).value;
  }

  createPipeline(): Promise<string> {
    return this.create('MediaPipeline');
  }

  createEndpoint(mediaPipeline: string): Promise<string> {
    return this.create('WebRtcEndpoint', { mediaPipeline });
  }

  async invoke(object: string, operation: string, operationParams: object = {}): Promise<Json> {
    return (await this.call('invoke', { object, operation, operationParams })).value;
  }

  /** The id of the subscription. */
  async subscribe(object: string, type: string): Promise<string> {
    return (await this.call('subscribe', { object, type })).value;
  }

  async unsubscribe(object: string, subscription: string): Promise<void> {
    await this.call('unsubscribe', { object, subscription });
  }

  /** Its type and ancestry. Takes a reference, as every call that names an object does. */
  describe(object: string): Promise<{ type: string; qualifiedType: string; hierarchy: string[] }> {
    return this.call('describe', { object });
  }

  async ref(object: string): Promise<void> {
    await this.call('ref', { object });
  }

  async unref(object: string): Promise<void> {
    await this.call('unref', { object });
  }

  async release(object: string): Promise<void> {
    await this.call('release', { object });
  }

  /** Every operation's own reply, up to and including the first that failed. */
  async transaction(operations: Operation[]): Promise<Reply[]> {
    const numbered = operations.map((operation, id) => ({ id, jsonrpc: '2.0', ...operation }));
    return (await this.call('transaction', { operations: numbered })).value;
  }

  /** Without a word to the server's session: only the socket goes. */
  drop(): Promise<void> {
    return this.socket.drop();
  }
}
