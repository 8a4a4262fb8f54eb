import type { MediaObject } from '../objects/media-object.js';
import { MediaPipeline } from '../objects/media-pipeline.js';
import type { Operation, Operations } from './operation.js';

const getChildren: Operation<MediaObject> = (object, _args, { server }) =>
  server.sessions.childrenOf(object.id);

export const mediaObjectOperations: Operations<MediaObject> = {
  getId: object => object.id,
  getName: object => object.name,
  setName: (object, args) => {
    object.name = args.string('name');
  },
  getParent: object => object.parent?.id ?? null,
  getMediaPipeline: object => {
    const root = object.parent ?? object;
    return root instanceof MediaPipeline ? root.id : null;
  },
  getChildren,
  /** Its name until Kurento 7. */
  getChilds: getChildren,
  getCreationTime: object => object.creationTime,

  addTag: (object, args, { server }) => {
    const [key, value] = [args.string('key'), args.string('value')];
    object.tags.set(key, value);
    // The one tag that joins this log with those of the processes that ask.
    if (key === 'trace') server.log.info({ object: object.id, trace: value }, 'made for a join');
  },
  removeTag: (object, args) => {
    object.tags.delete(args.string('key'));
  },
  getTag: (object, args) => object.tags.get(args.string('key')),
  getTags: object => object.tags.toJson(),
  getSendTagsInEvents: object => object.sendsTagsInEvents,
  setSendTagsInEvents: (object, args) => {
    object.sendsTagsInEvents = args.boolean('sendTagsInEvents');
  },
};
