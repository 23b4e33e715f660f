/** Runs of a text that may be hexadecimal or base64 of another text, as auditd writes arguments, with what they hold. */
import { RecentTexts } from "./recent-texts.ts";

/** A part of a text. */
export interface Part {
  readonly start: number;
  readonly end: number;
}

/** A run, and the texts that it may hold. */
export interface EncodedRun extends Part {
  readonly held: readonly string[];
  /** Whether it is text from its first byte to its last, so that it is no key by chance. */
  readonly is_text: boolean;
}

const runs = /[A-Za-z0-9+/_-]{12,}/g;
const hex_run = /^[\da-f]{16,}$/i;
/** How long a text in a run is at least. */
const held_text = /[\t\n\r\x20-\x7e]{8,}/g;
const whole_text = /^[\t\n\r\x20-\x7e]{8,}$/;
/** What is cut off, or stands behind a path, may begin anywhere: of so many places next to each other, one is right. */
const hex_offsets = [0, 1];
const base64_offsets = [0, 1, 2, 3];

type Held = Pick<EncodedRun, "held" | "is_text">;

/** The texts of an event, and events, have the same runs again and again. */
const recent = new Map<string, Held>();
const recent_max = 256;
const recent_length_max = 1024;

/** An event is looked at again and again. */
const recent_texts = new RecentTexts<readonly EncodedRun[]>();

/** The runs that hold some text. */
export function encodedRuns(text: string): readonly EncodedRun[] {
  return recent_texts.get(text, runsIn);
}

function runsIn(text: string): EncodedRun[] {
  const found: EncodedRun[] = [];
  for (const { 0: run, index } of text.matchAll(runs)) {
    const held = knownHeldBy(run);
    if (held.held.length > 0) found.push({ start: index, end: index + run.length, ...held });
  }
  return found;
}

function knownHeldBy(run: string): Held {
  const known = recent.get(run);
  if (known !== undefined) return known;
  const held = heldBy(run);
  if (recent.size >= recent_max) recent.clear();
  if (run.length <= recent_length_max) recent.set(run, held);
  return held;
}

function heldBy(run: string): Held {
  const contents = contentsOf(run);
  const held = contents.flatMap((each) => each.match(held_text) ?? []);
  return { held, is_text: whole_text.test(contents[0]!) };
}

function contentsOf(run: string): string[] {
  const is_hex = hex_run.test(run);
  const encoding = is_hex ? "hex" : "base64";
  return (is_hex ? hex_offsets : base64_offsets).map((from) =>
    Buffer.from(run.slice(from), encoding).toString("latin1"),
  );
}
