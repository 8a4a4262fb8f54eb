import { asBoolean, asInteger, asString, isObject, type Json, type JsonObject, member } from '../json.js';
import { kurentoError } from '../rpc/kurento-error.js';

type Source = 'operationParams' | 'constructorParams';

/** The parameters of an operation or a constructor, read with Kurento's checks and its words for what is wrong. */
export class Args {
  readonly #source: Source;
  readonly #values: JsonObject | undefined;

  constructor(source: Source, values: Json | undefined) {
    if (values !== undefined && values !== null && !isObject(values)) {
      throw malformed(`'${source}' should be an object`);
    }
    this.#source = source;
    this.#values = values ?? undefined;
  }

  /** How many were given; part of an error message only. */
  get size(): number {
    return Object.keys(this.#values ?? {}).length;
  }

  has(name: string): boolean {
    return this.#values !== undefined && Object.hasOwn(this.#values, name);
  }

  string(name: string): string {
    return this.#required(name, asString, 'string');
  }

  integer(name: string): number {
    return this.#required(name, asInteger, 'integer');
  }

  boolean(name: string): boolean {
    return this.#required(name, asBoolean, 'boolean');
  }

  /** A structured value; its members are `properties` in an error message. */
  object(name: string): Properties {
    return new Properties(
      this.#required(name, value => (value === null ? {} : isObject(value) ? value : undefined), 'object'),
    );
  }

  oneOf<T extends string>(name: string, typeName: string, values: readonly T[]): T {
    const value = this.string(name);
    const known = values.find(candidate => candidate === value);
    if (known === undefined) throw malformed(`Invalid value for '${typeName}'`);
    return known;
  }

  #required<T>(name: string, read: (value: Json | undefined) => T | undefined, kind: string): T {
    if (!this.#values) throw malformed(`'${this.#source}' is required`);
    const value = read(member(this.#values, name));
    if (value === undefined) throw malformed(`'${name}' parameter should be a ${kind}`);
    return value;
  }
}

/** The members of a structured parameter. */
class Properties {
  constructor(readonly values: JsonObject) {}

  string(name: string): string {
    return this.#required(name, asString, 'string');
  }

  integer(name: string): number {
    return this.#required(name, asInteger, 'integer');
  }

  #required<T>(name: string, read: (value: Json | undefined) => T | undefined, kind: string): T {
    const value = read(member(this.values, name));
    if (value === undefined) throw malformed(`'${name}' property should be a ${kind}`);
    return value;
  }
}

export function malformed(message: string) {
  return kurentoError('MARSHALL_ERROR', message);
}
