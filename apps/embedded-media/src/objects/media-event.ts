import type { JsonObject } from '../json.js';
import type { MediaObject } from './media-object.js';

/** Something that happened to an object; `data` is what this event adds to what every event carries. */
export interface MediaEvent {
  source: MediaObject;
  type: string;
  data: JsonObject;
}

export type EmitEvent = (event: MediaEvent) => void;

/** The names that applications written for Kurento 6 subscribe to, by the name the event has now. */
const formerNames: Record<string, string[]> = {
  IceCandidateFound: ['OnIceCandidate'],
  IceGatheringDone: ['OnIceGatheringDone'],
  IceComponentStateChanged: ['OnIceComponentStateChanged', 'IceComponentStateChange'],
  DataChannelOpened: ['OnDataChannelOpened', 'DataChannelOpen'],
  DataChannelClosed: ['OnDataChannelClosed', 'DataChannelClose'],
  MediaFlowInStateChanged: ['MediaFlowInStateChange'],
  MediaFlowOutStateChanged: ['MediaFlowOutStateChange'],
  MediaTranscodingStateChanged: ['MediaTranscodingStateChange'],
};

/** The event's name and every former name of it. */
export function namesOf(eventType: string): string[] {
  return [eventType, ...(formerNames[eventType] ?? [])];
}

/** What a server says of itself carries no type in its data: there Kurento's events are RaiseBase, not Media. */
const untyped = new Set(['ObjectCreated', 'ObjectDestroyed']);

/** The notification that a subscriber of `name` is sent. */
export function eventNotification(event: MediaEvent, name: string, nowMs: number): string {
  const { source } = event;
  const data = {
    source: source.id,
    tags: source.sendsTagsInEvents ? source.tags.toJson() : [],
    // Seconds, for clients of Kurento 6; later ones read the milliseconds. Strings in both.
    timestamp: String(Math.floor(nowMs / 1000)),
    timestampMillis: String(nowMs),
    ...(!untyped.has(event.type) && { type: name }),
    ...event.data,
  };
  return JSON.stringify({
    jsonrpc: '2.0',
    method: 'onEvent',
    params: { value: { data, object: source.id, type: name } },
  });
}
