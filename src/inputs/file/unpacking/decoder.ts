/**
 * The contract of the two ways of compression: a decoder takes compressed bytes and gives content, one step at a time.
 */

export const nothing = Buffer.alloc(0);

/**
 * What one step came to, and the compressed bytes that are left after it.
 *
 * - content: a piece of content.
 * - taken: it took bytes; the next step has more to say.
 * - starved: it needs more bytes.
 * - mismatch: a member has ended whose checksum is another than that of its content.
 * - damaged: the bytes are no such data.
 */
export type Step =
  | { readonly kind: "content"; readonly content: Buffer; readonly rest: Buffer }
  | { readonly kind: "taken" | "starved" | "mismatch" | "damaged"; readonly rest: Buffer };

export interface Decoder {
  /** Whether it stands between two members or frames. */
  readonly is_between: boolean;
  /** Takes a step with the bytes that are there. */
  step(rest: Buffer): Promise<Step> | Step;
  /** How many bytes are missing at least of what is unfinished, where `rest` was left. */
  missingBytes(rest: Buffer): number;
  /** Frees its memory. */
  close(): void;
}
