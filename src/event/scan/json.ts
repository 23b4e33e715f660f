/**
 * What JSON holds, and why a record is none. These are types of the plugin API, so they are apart from what needs types of
 * Node, which whoever writes a plugin may not have.
 */

export type JsonValue =
  string | number | bigint | boolean | null | JsonValue[] | { [key: string]: JsonValue };

/** Why an event is not the JSON it should be. */
export interface Invalid {
  /** One short sentence, without any of the event's content. */
  readonly reason: string;
  /** Offset in the record of the first byte at fault, from 0. */
  readonly byte: number;
}
