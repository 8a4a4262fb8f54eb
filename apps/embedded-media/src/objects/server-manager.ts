import type { EmitEvent } from './media-event.js';
import { MediaObject } from './media-object.js';
import { objectTypes } from './object-type.js';

/** The object that stands for the server itself. There is one, always, under a name that clients know. */
export class ServerManager extends MediaObject {
  constructor(emit: EmitEvent) {
    super({ type: objectTypes.serverManager, emit, id: 'manager_ServerManager' });
  }
}
