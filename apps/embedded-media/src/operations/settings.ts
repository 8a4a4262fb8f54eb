import type { MediaObject } from '../objects/media-object.js';
import type { Args } from './args.js';
import type { Operations } from './operation.js';

type Setting = string | number | boolean;

/**
 * `getX` and `setX` for values that an application may set and read back. They are kept so that applications
 * written for a real server run; what one of them changes here is said where it is declared.
 */
export function settingOperations<T extends MediaObject>(
  defaults: Record<string, Setting>,
  onChange?: (target: T, name: string, value: Setting) => void,
): Operations<T> {
  return Object.fromEntries(
    Object.entries(defaults).flatMap(([name, initial]) => {
      const capitalized = name.charAt(0).toUpperCase() + name.slice(1);
      return [
        [`get${capitalized}`, (target: T) => target.settings.get(name) ?? initial],
        [
          `set${capitalized}`,
          (target: T, args: Args) => {
            const value = readLike(initial, args, name);
            target.settings.set(name, value);
            onChange?.(target, name, value);
          },
        ],
      ];
    }),
  );
}

function readLike(example: Setting, args: Args, name: string): Setting {
  switch (typeof example) {
    case 'number':
      return args.integer(name);
    case 'boolean':
      return args.boolean(name);
    default:
      return args.string(name);
  }
}
