/**
 * Whether the framing of an input fits what is at the beginning of a file or stream, and which one does. Each framing
 * says itself what looks like it.
 */
import type { Framer } from "./contract/framer.ts";
import type { BytesFrom, Fit, Framing } from "./contract/framing.ts";
import { framings } from "./framings.ts";

/** What is seen where the framing does not fit. */
export interface Misfit {
  /** What to write for `framing`; undefined where no framing fits. */
  readonly fitting: string | undefined;
  /** What the file or stream is, as words that follow its name, and with nothing of its content. */
  readonly seen: string;
}

/** Bytes in which records are looked for. */
export const beginning_bytes_max = 64 * 1024;
/** Bytes whose shape is looked at. */
const shape_bytes_max = 4096;
const records_max = 16;
const event_bytes_max = beginning_bytes_max;

const byte_order_mark = "\u00ef\u00bb\u00bf";
/** gzip, zstd, and UTF-16 with a mark: bytes that say nothing yet. */
const opaque = ["\x1f\x8b", "\x28\xb5\x2f\xfd", "\xff\xfe", "\xfe\xff"];

/** Of the framing of the input. */
type LookedAt = Pick<Framer, "id" | "raw_factor" | "frame">;

const all: readonly Framing[] = Object.values(framings);

/** What is at the beginning of a file or stream, where it is no records of the framer. */
export function misfitOf(bytes: Buffer, framer: LookedAt, from: BytesFrom): Misfit | undefined {
  const beginning = bytes.subarray(0, beginning_bytes_max);
  const text = beginning.toString("latin1", 0, shape_bytes_max);
  if (opaque.some((mark) => text.startsWith(mark))) return undefined;
  const from_byte = text.startsWith(byte_order_mark) ? byte_order_mark.length : 0;
  const shown = text.slice(from_byte);
  if (framer.id === "lines" && framer.raw_factor === undefined) return misfitOfLines(shown, from);
  if (!isNothingButRefused(beginning.subarray(from_byte), framer)) return undefined;
  const fit = fitOf(shown, from);
  const seen = "begins with nothing that is a record of its framing";
  const fitting = fit?.write ?? (shown.includes("\n") ? "lines" : undefined);
  return { fitting, seen: fit?.seen ?? seen };
}

/** What to do about it, as a sentence. */
export function whatToDo({ fitting }: Misfit): string {
  if (fitting === undefined) return "Look at what it is, and set `framing` for it.";
  return `Write \`framing: ${fitting}\` for the input.`;
}

function misfitOfLines(text: string, from: BytesFrom): Misfit | undefined {
  const fit = fitOf(text, from);
  return fit && { fitting: fit.write, seen: fit.seen };
}

function fitOf(text: string, from: BytesFrom): Fit | undefined {
  for (const framing of all) {
    const fit = framing.fits?.(text, from);
    if (fit !== undefined) return fit;
  }
  return undefined;
}

/** Whether the framer finds something in the bytes, but no record. */
function isNothingButRefused(bytes: Buffer, framer: LookedAt): boolean {
  const positions = {
    starts: new Int32Array(records_max),
    ends: new Int32Array(records_max),
    event_bytes_max,
  };
  const window = { bytes, from: 0, is_last: false, state: undefined };
  const { count, verdicts } = framer.frame(window, positions);
  return count > 0 && verdicts?.size === count;
}
