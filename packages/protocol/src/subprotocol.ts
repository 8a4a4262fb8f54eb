/** The WebSocket subprotocol of clients that know more than the tutorial's messages; only they are ever sent more. */
export const subprotocol = 'manycast.v1';
