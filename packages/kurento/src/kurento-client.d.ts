/** The part of kurento-client 7.2.0 that this package uses; it has no types of its own. */
declare module 'kurento-client' {
  import type { EventEmitter } from 'node:events';

  type Callback<T> = (error: unknown, result: T) => void;

  /** It has a `then`: never return one from an async function. */
  class KurentoClient extends EventEmitter {
    constructor(uri: string, options: KurentoClient.Options, callback: Callback<unknown>);
    readonly sessionId: string | undefined;
    /** Whatever `reconnect-ws` returned. */
    readonly _re: object;
    getMediaobjectById(id: string, callback: Callback<KurentoClient.MediaObject>): unknown;
    close(): void;
    static getComplexType(
      name: 'IceCandidate',
    ): (fields: { candidate: string; sdpMid: string; sdpMLineIndex: number }) => object;
  }

  namespace KurentoClient {
    interface Options {
      strict: boolean;
      /** Unit: ms. */
      request_timeout: number;
      duplicates_timeout: number;
      /** Handed to `reconnect-ws` as it is. */
      socket: object;
    }

    interface MediaObject {
      /** How kurento-client's own objects send their requests; the second argument is a Transaction. */
      emit(
        event: '_rpc',
        transaction: undefined,
        method: string,
        params: object,
        callback: Callback<Reply>,
      ): boolean;
    }

    interface Reply {
      value?: unknown;
      sessionId?: string;
      serverId?: string;
    }
  }

  export = KurentoClient;
}
