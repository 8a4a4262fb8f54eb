/** Kurento's names for the state of ICE (IceComponentState). */
export type IceState = 'DISCONNECTED' | 'GATHERING' | 'CONNECTING' | 'CONNECTED' | 'READY' | 'FAILED';
