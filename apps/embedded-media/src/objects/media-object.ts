import { randomUUID } from 'node:crypto';
import type { Json, JsonObject } from '../json.js';
import { type ObjectId, objectId } from '../sessions/ids.js';
import { type EmitEvent, namesOf } from './media-event.js';
import { type ObjectType, qualified } from './object-type.js';
import { Tags } from './tags.js';

export interface MediaObjectOptions {
  type: ObjectType;
  parent?: MediaObject;
  emit: EmitEvent;
  /** Only where the id is not made up from the parent's and a random one. */
  id?: string;
}

/** What all objects of the server have in common. What keeps them alive is not here but in the session registry. */
export abstract class MediaObject {
  readonly id: ObjectId;
  readonly type: ObjectType;
  readonly parent: MediaObject | undefined;
  /** Seconds since the epoch. */
  readonly creationTime = Math.floor(Date.now() / 1000);
  readonly tags = new Tags();
  /** Values that applications set and read back. */
  readonly settings = new Map<string, Json>();
  sendsTagsInEvents = false;
  name: string;
  readonly #emit: EmitEvent;
  #isClosed = false;

  constructor(options: MediaObjectOptions) {
    const prefix = options.parent ? `${options.parent.id}/` : '';
    this.id = objectId(options.id ?? `${prefix}${randomUUID()}_${qualified(options.type.name)}`);
    this.type = options.type;
    this.parent = options.parent;
    this.name = this.id;
    this.#emit = options.emit;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  knowsEvent(eventType: string): boolean {
    return this.type.events.some(known => namesOf(known).includes(eventType));
  }

  /** Nothing is told of an object that is gone. */
  emit(type: string, data: JsonObject = {}): void {
    if (!this.#isClosed) this.#emit({ source: this, type, data });
  }

  /** Its last session has let go: from now on it takes no part in anything. Called once. */
  close(): void {
    this.#isClosed = true;
  }

  /** Gives back what it holds outside of this process's memory. Called once, some time after `close`. */
  dispose(): void {}
}
