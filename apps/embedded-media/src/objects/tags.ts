import type { JsonObject } from '../json.js';
import { kurentoError } from '../rpc/kurento-error.js';
import { register } from './register.js';

/** An application's own key-value pairs on an object. */
export class Tags {
  readonly #values = new Map<string, string>();

  set(key: string, value: string): void {
    this.#values.set(key, value);
  }

  get(key: string): string {
    const value = this.#values.get(key);
    if (value === undefined) throw kurentoError('MEDIA_OBJECT_TAG_KEY_NOT_FOUND', 'Tag key not found');
    return value;
  }

  delete(key: string): void {
    this.#values.delete(key);
  }

  /** In the order of the keys, as Kurento lists them. */
  toJson(): JsonObject[] {
    const keys = [...this.#values.keys()].sort();
    return keys.map(key => register('Tag', { key, value: this.get(key) }));
  }
}
