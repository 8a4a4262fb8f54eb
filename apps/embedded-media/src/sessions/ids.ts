/** A control session. Clients may choose the name themselves. */
export type SessionId = string & { readonly brand: 'SessionId' };
/** `<uuid>_kurento.MediaPipeline`, or that, a slash and `<uuid>_kurento.WebRtcEndpoint`. */
export type ObjectId = string & { readonly brand: 'ObjectId' };

export const sessionId = (name: string) => name as SessionId;
export const objectId = (id: string) => id as ObjectId;
