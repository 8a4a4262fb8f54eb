/** RTCConfiguration.iceServers for a client's peer connection. */
export type IceServerList = { urls: string[]; username?: string; credential?: string }[];

/** Server → client, `manycast.v1`: for the peer connections that follow, instead of what `welcome` said: credentials end. */
export interface IceServersMessage {
  id: 'iceServers';
  iceServers: IceServerList;
}
