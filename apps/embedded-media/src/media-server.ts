import { randomUUID } from 'node:crypto';
import type { Logger } from '@manycast/runtime';
import { EventDelivery, type SendToSession } from './event-delivery.js';
import type { Json } from './json.js';
import type { MediaPlane } from './media/media-plane.js';
import { createObject } from './objects/create-object.js';
import { MediaElement } from './objects/media-element.js';
import type { MediaEvent } from './objects/media-event.js';
import type { MediaObject } from './objects/media-object.js';
import { Reaper } from './objects/reaper.js';
import { ServerManager } from './objects/server-manager.js';
import { malformed } from './operations/args.js';
import { kurentoError, objectNotFound } from './rpc/kurento-error.js';
import { type ObjectId, objectId, type SessionId } from './sessions/ids.js';
import type { LetGo } from './sessions/reference-tree.js';
import { SessionRegistry } from './sessions/session-registry.js';
import { Subscriptions } from './sessions/subscriptions.js';

/** A reference to an earlier operation of a transaction; outside of one it means nothing. */
export const newRefPrefix = 'newref:';

export interface MediaServerOptions {
  plane: MediaPlane;
  log: Logger;
  send: SendToSession;
  /** Throws when nothing more should be created. */
  checkResources: () => void;
}

/** All objects of this process, the sessions that keep them alive and the events they raise. */
export class MediaServer {
  /** A new one means that the server restarted and every object is gone. */
  readonly serverId = randomUUID();
  readonly sessions = new SessionRegistry();
  readonly subscriptions = new Subscriptions();
  readonly manager: ServerManager;
  readonly plane: MediaPlane;
  readonly log: Logger;
  readonly checkResources: () => void;
  readonly emit: (event: MediaEvent) => void;
  readonly #objects = new Map<ObjectId, MediaObject>();
  readonly #reaper: Reaper;

  constructor(options: MediaServerOptions) {
    const delivery = new EventDelivery(this.subscriptions, options.send);
    this.emit = event => delivery.post(event);
    this.plane = options.plane;
    this.log = options.log;
    this.checkResources = options.checkResources;
    this.#reaper = new Reaper(options.log);
    this.manager = new ServerManager(this.emit);
    this.#objects.set(this.manager.id, this.manager);
    this.sessions.add(this.manager.id, undefined, { isPinned: true });
  }

  create(session: SessionId, typeName: string, constructorParams: Json | undefined): MediaObject {
    const object = createObject(this, typeName, constructorParams);
    this.#objects.set(object.id, object);
    this.sessions.add(object.id, object.parent?.id);
    this.manager.emit('ObjectCreated', { object: object.id });
    this.sessions.hold(session, object.id);
    return object;
  }

  /** The object; the session holds it from now on. */
  use(session: SessionId, id: string): MediaObject {
    const object = this.object(id);
    this.sessions.hold(session, object.id);
    return object;
  }

  /** The object, without a reference being taken. */
  object(id: string): MediaObject {
    const object = this.#objects.get(objectId(id));
    if (object) return object;
    if (!id.startsWith(newRefPrefix) || id === newRefPrefix) throw objectNotFound(id);
    throw kurentoError(
      'MEDIA_OBJECT_NOT_FOUND_TRANSACTION_NO_COMMIT',
      `Object '${id}' not found. Possibly using a transactional object without committing the transaction.`,
    );
  }

  /** The element that a parameter names. */
  element(id: string, parameter: string): MediaElement {
    const object = this.object(id);
    if (object instanceof MediaElement) return object;
    throw malformed(`'${parameter}' parameter should be a MediaElement`);
  }

  objects(): MediaObject[] {
    return [...this.#objects.values()];
  }

  /** Gone at once, whoever held it. Nothing happens if it is gone already. */
  release(id: string): void {
    this.#carryOut(this.sessions.release(objectId(id)));
  }

  unref(session: SessionId, id: string): void {
    this.#carryOut(this.sessions.drop(session, objectId(id)));
  }

  closeSession(session: SessionId, options?: { release?: boolean }): void {
    this.#carryOut(this.sessions.close(session, options));
  }

  /** Ends the sessions that nobody has been behind for a whole period; returns their names. */
  collect(hasSocket: (session: SessionId) => boolean): SessionId[] {
    const collected = this.sessions.sweep(hasSocket);
    for (const { letGo } of collected) this.#carryOut(letGo);
    return collected.map(({ session }) => session);
  }

  /** Ends every object, at once. */
  close(): void {
    for (const session of this.sessions.sessions()) this.closeSession(session);
    this.#reaper.finish();
  }

  #carryOut({ dropped, gone }: LetGo): void {
    for (const { session, object } of dropped) this.subscriptions.drop(session, object);
    for (const id of gone) {
      const object = this.#objects.get(id);
      if (!object) continue;
      this.#objects.delete(id);
      object.close();
      this.#reaper.add(object);
      this.manager.emit('ObjectDestroyed', { objectId: id });
    }
  }
}
