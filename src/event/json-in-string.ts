/**
 * Secrets in JSON that is inside a string: `{"log": "{\"password\": \"…\"}"}`, as a forwarder sends a line that it
 * has not parsed.
 *
 * The JSON in the string is scanned like a record, and the edits are carried back to the bytes of the string, with its
 * escapes; so all other bytes stay, those of the string, too. Every byte is looked at once for each string around it.
 */
import type { Edit, Edits } from "./edits.ts";
import type { StringSecrets } from "./event.ts";
import type { Scanner } from "./scanner.ts";
import type { HoldingString } from "./scan/spans.ts";
import type { Walker } from "./scan/walker.ts";

/** Strings in each other that are looked into. What is in more of them is masked as text. */
const strings_max = 2;
/** Strings of one record that are masked as text. Further ones go whole: only an attack on the time it takes has them. */
const masked_max = 1000;

interface NumberedSecrets extends StringSecrets {
  readonly scanner: Scanner;
  /** Of the paths, among those that the walkers look for. */
  readonly numbers: readonly number[];
  /** Counts the strings that were masked as text. */
  readonly masked: { count: number };
}

/** A record that was just scanned. */
export interface ScannedRecord {
  readonly bytes: Buffer;
  readonly scanner: Scanner;
  /** The edits of it so far. */
  readonly edits: Edits | undefined;
}

/**
 * For each string from which secrets are taken, the edits that do so; undefined where earlier edits are in such a
 * string, so that they have to be written into the record first.
 */
export function editsInStrings(
  { bytes, scanner, edits }: ScannedRecord,
  secrets: StringSecrets,
): Edit[][] | undefined {
  const { walker } = scanner;
  const numbers = secrets.paths.map((path) => scanner.numberOf(path));
  const numbered = { ...secrets, scanner, numbers, masked: { count: 0 } };
  const found: Edit[][] = [];
  for (const string of walker.holding) {
    const relation = edits?.relation(string.start, string.end) ?? "untouched";
    if (relation === "contains") return undefined;
    if (relation !== "untouched") continue;
    const added = editsAt(1, { bytes, string, walker: walker.inner }, numbered);
    if (added.length > 0) found.push(added);
  }
  return found;
}

interface Place {
  readonly bytes: Buffer;
  readonly string: HoldingString;
  readonly walker: Walker;
}

function editsAt(depth: number, place: Place, secrets: NumberedSecrets): Edit[] {
  const { bytes, string, walker } = place;
  const { start, end, state } = string;
  const isOwn = (number: number): boolean => secrets.numbers.includes(number);
  // Another step's paths may look in here, and this step's not; and what a path leads to was replaced before.
  if (!state.inside.some(isOwn) || state.accepts.some(isOwn)) return [];
  const text = JSON.parse(bytes.toString("utf8", start, end)) as string;
  const held = Buffer.from(text);
  if (depth > strings_max || walker.scan(held, 0, held.length, state) !== undefined) {
    secrets.masked.count += 1;
    const is_too_many = secrets.masked.count > masked_max;
    const masked = is_too_many ? secrets.replacement : secrets.mask(text);
    if (masked === text) return [];
    return [{ kind: "replace", start, end, bytes: Buffer.from(JSON.stringify(masked)) }];
  }
  const edits = valueEdits(walker, secrets);
  for (const inner of walker.holding) {
    const further = { bytes: held, string: inner, walker: walker.inner };
    edits.push(...editsAt(depth + 1, further, secrets));
  }
  return carryBack(outermost(edits), bytes.subarray(0, end), start + 1);
}

function valueEdits({ spans }: Walker, secrets: NumberedSecrets): Edit[] {
  const { scanner, numbers, replacement } = secrets;
  const bytes = Buffer.from(JSON.stringify(replacement));
  const edits: Edit[] = [];
  for (const number of numbers) {
    if (number < 0) continue;
    const first = spans.first(number);
    if (first >= 0) scanner.noteFound(number);
    for (let row = first; row >= 0; row = spans.next(row)) {
      edits.push({ kind: "replace", start: spans.start(row), end: spans.end(row), bytes });
    }
  }
  return edits;
}

/** Without those that lie in others, by their starts. */
function outermost(edits: Edit[]): Edit[] {
  edits.sort((a, b) => a.start - b.start || b.end - a.end);
  let covered_to = 0;
  return edits.filter(({ end }) => {
    if (end <= covered_to) return false;
    covered_to = end;
    return true;
  });
}

/** The edits of what a string holds as edits of the string, which begins at `start` and reaches to the end of `bytes`. */
function carryBack(edits: readonly Edit[], bytes: Buffer, start: number): Edit[] {
  const reader = new StringReader(bytes, start);
  return edits.map((edit) => {
    const from = reader.goTo(edit.start);
    const to = reader.goTo(edit.end);
    const spelled = JSON.stringify(edit.bytes.toString()).slice(1, -1);
    return { kind: "replace", start: from, end: to, bytes: Buffer.from(spelled) };
  });
}

/** Goes through a string's bytes and what they hold side by side. */
class StringReader {
  readonly #bytes: Buffer;
  #at: number;
  /** Bytes of the text up to here, in UTF-8. */
  #held = 0;

  constructor(bytes: Buffer, start: number) {
    this.#bytes = bytes;
    this.#at = start;
  }

  /** Where in the string the byte `held` of its text is; not before the last one asked for. */
  goTo(held: number): number {
    while (this.#held < held) {
      const escape = this.#bytes.indexOf(0x5c, this.#at);
      const run = escape < 0 ? held - this.#held : Math.min(escape - this.#at, held - this.#held);
      this.#at += run;
      this.#held += run;
      if (this.#held < held) this.#passEscape();
    }
    return this.#at;
  }

  #passEscape(): void {
    const unit = this.#unitAt(this.#at);
    const is_pair = unit >= 0xd800 && unit <= 0xdbff && isLowSurrogate(this.#unitAt(this.#at + 6));
    if (unit < 0) this.#at += 2;
    else this.#at += is_pair ? 12 : 6;
    if (unit < 0x80) this.#held += 1;
    else if (unit < 0x800) this.#held += 2;
    else this.#held += is_pair ? 4 : 3;
  }

  /** The UTF-16 unit of a \u escape; -1 where there is another escape, or none. */
  #unitAt(at: number): number {
    if (this.#bytes[at] !== 0x5c || this.#bytes[at + 1] !== 0x75) return -1;
    return Number.parseInt(this.#bytes.toString("latin1", at + 2, at + 6), 16);
  }
}

function isLowSurrogate(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff;
}
