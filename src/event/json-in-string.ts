/**
 * Secrets in JSON that is inside a string: `{"log": "{\"password\": \"…\"}"}`, as a forwarder sends a line that it
 * has not parsed.
 *
 * The JSON in the string is scanned like a record, and the edits are carried back to the bytes of the string, with its
 * escapes; so all other bytes stay, those of the string, too. Every byte is looked at once for each string around it.
 */
import { type Edit, Edits } from "./edits/edits.ts";
import type { NamedSecrets, StringSecrets } from "./event.ts";
import { skipSpace } from "./scan/json-text.ts";
import { readJson } from "./scan/json-value.ts";
import { namedValues } from "./scan/named-values.ts";
import type { Path } from "./scan/path.ts";
import type { Scanner } from "./scanner.ts";
import type { Found, HoldingString, Spans } from "./scan/spans.ts";
import { carriedBack, type Splice } from "./scan/string-reader.ts";
import type { Walker } from "./scan/walker.ts";
import {
  changes,
  editOfValues,
  type FoundEdits,
  no_edits,
  null_text,
  type ScannedRecord,
  type ValueEdit,
} from "./span-edits.ts";
import type { DetectedSecrets, SecretSearch } from "./strings/detected-secrets.ts";
import { detectedInJson } from "./strings/detected.ts";
import type { EncodedSecrets } from "./strings/encoded-secrets.ts";
import { encodedInJson, mayHoldEncoded } from "./strings/encoded.ts";
import { isHarmless, noteHarmless } from "./strings/harmless-texts.ts";

/** Strings in each other that are looked into. What is in more of them is masked as text. */
const strings_max = 2;
/** Strings of one record that are masked as text. Further ones go whole: only an attack on the time it takes has them. */
const masked_max = 1000;

const no_splices: readonly Edit[] = [];

interface NumberedSecrets extends StringSecrets {
  /** What they were made of. */
  readonly given: StringSecrets;
  readonly scanner: Scanner;
  /** Of the paths, among those that the walkers look for. */
  readonly numbers: ReadonlySet<number>;
  /** Counts the strings that were masked as text. */
  readonly masked: { count: number };
  /** What takes the place of those that go whole. */
  readonly whole: Buffer;
}

/**
 * For each string from which secrets are taken, the edits that do so; undefined where earlier edits are in such a
 * string, so that they have to be written into the record first.
 */
export function editsInStrings(
  { bytes, scanner, edits }: ScannedRecord,
  secrets: StringSecrets,
): FoundEdits | undefined {
  const { walker } = scanner;
  if (walker.holding.length === 0) return no_edits;
  let numbered: NumberedSecrets | undefined;
  const found: Edit[][] = [];
  for (const string of walker.holding) {
    const relation = edits?.relation(string.start, string.end) ?? "untouched";
    if (relation === "contains") return undefined;
    if (relation !== "untouched" || isHarmless(secrets, bytes, string)) continue;
    numbered ??= numberedOf(secrets, scanner);
    const added = editsAt(1, { bytes, string, walker: walker.inner }, numbered);
    if (added.length > 0) found.push(added);
  }
  return { edits: found.flat(), count: found.length, moves: false };
}

function numberedOf(secrets: StringSecrets, scanner: Scanner): NumberedSecrets {
  const numbers = scanner.numbersOf(secrets.paths).set;
  const whole = Buffer.from(JSON.stringify(secrets.replacement));
  return { ...secrets, given: secrets, scanner, numbers, masked: { count: 0 }, whole };
}

/** The edits of values that have a wanted name beside them. */
export function editsOfNamed(
  { bytes, start, end, scanner, edits }: ScannedRecord,
  secrets: StringSecrets,
): FoundEdits | undefined {
  const found = namedEdits(scanner.walker, { bytes, start, end }, { secrets, scanner });
  if (found.length === 0) return no_edits;
  const open = found.filter((edit) => {
    const relation = edits?.relation(edit.start, edit.end) ?? "untouched";
    return relation !== "replaced" && relation !== "covered";
  });
  return { edits: open, count: open.length, moves: open.length > 0 };
}

/** Whether one of these paths, by their numbers, has found something; also where that is not known. */
function isAnyFound(spans: Spans, numbers: Int32Array): boolean {
  for (const number of numbers) if (number < 0 || spans.first(number) >= 0) return true;
  return false;
}

/** Whether a wanted name is beside a value. Quick: most records have many names, and nothing that is called a value. */
function isNameThere(
  { spans }: Walker,
  bytes: Buffer,
  { scanner, named }: { readonly scanner: Scanner; readonly named: NamedSecrets },
): boolean {
  if (!isAnyFound(spans, scanner.numbersOf(named.values).list)) return false;
  const isWanted = (number: number, row: number): boolean => {
    const [from, to] = [spans.start(row), spans.end(row)];
    if (spans.plain(row)) return named.isWanted(scanner.readText(number, bytes, from + 1, to - 1));
    const value = readJson(bytes, from, to, false);
    return typeof value === "string" && named.isWanted(value);
  };
  return scanner.numbersOf(named.paths).list.some((number) => {
    for (let row = number < 0 ? -1 : spans.first(number); row >= 0; row = spans.next(row)) {
      if (isWanted(number, row)) return true;
    }
    return false;
  });
}

function namedEdits(
  walker: Walker,
  { bytes, start, end }: { bytes: Buffer; start: number; end: number },
  { secrets, scanner }: { readonly secrets: StringSecrets; readonly scanner: Scanner },
): readonly Edit[] {
  const { named } = secrets;
  if (named === undefined) return no_splices;
  if (!walker.may_have_pairs && !isNameThere(walker, bytes, { scanner, named })) return no_splices;
  const edit = editOf(secrets);
  const edits = namedValues(bytes, start, end, named.isWanted).flatMap((value): Edit[] => {
    const changed = edit({ bytes, ...value, plain: false }, named.paths[0]!);
    if (Array.isArray(changed)) return changed;
    // A pair of which the value is removed is none; so it stays, without the value.
    const written = changed === "remove" ? null_text : changed;
    return written === undefined ? [] : [{ kind: "replace", ...value, bytes: written }];
  });
  return outermost(edits);
}

function firstRow(spans: Spans, scanner: Scanner, path: Path): number {
  const number = scanner.numberOf(path);
  return number < 0 ? -1 : spans.first(number);
}

function editOf({ change, replacement }: StringSecrets): ValueEdit {
  if (change !== undefined) return editOfValues(change);
  const bytes = Buffer.from(JSON.stringify(replacement));
  return () => bytes;
}

interface Place {
  readonly bytes: Buffer;
  readonly string: HoldingString;
  readonly walker: Walker;
}

function editsAt(depth: number, place: Place, secrets: NumberedSecrets): Edit[] {
  const { bytes, string, walker } = place;
  const { start, end, state } = string;
  const isOwn = (number: number): boolean => secrets.numbers.has(number);
  // Another step's paths may look in here, and this step's not; and what a path leads to was replaced before.
  if (!state.inside.some(isOwn) || state.accepts.some(isOwn)) return [];
  const text = JSON.parse(bytes.toString("utf8", start, end)) as string;
  const held = Buffer.from(text);
  if (depth > strings_max || walker.scan(held, 0, held.length, state) !== undefined) {
    secrets.masked.count += 1;
    if (secrets.masked.count > masked_max) {
      return [{ kind: "replace", start, end, bytes: secrets.whole }];
    }
    const masked = secrets.mask(text);
    if (masked === text) {
      // What is too deep may be JSON, of which more is known where it is not.
      if (depth <= strings_max) noteHarmless(secrets.given, bytes, string);
      return [];
    }
    return [{ kind: "replace", start, end, bytes: Buffer.from(JSON.stringify(masked)) }];
  }
  const edits = new Edits();
  edits.add(outermost(editsWithin(held, place, secrets, depth)));
  const splices = edits.splices(held, 0, held.length);
  return carriedBack(splices, bytes.subarray(0, end), start + 1).map(asEdit);
}

/** The edits of what a string holds, and of the strings in that. */
function editsWithin(
  held: Buffer,
  { walker }: Place,
  secrets: NumberedSecrets,
  depth: number,
): Edit[] {
  const range = { bytes: held, start: 0, end: held.length };
  const edits = [
    ...valueEdits(walker, held, secrets),
    ...namedEdits(walker, range, { secrets, scanner: secrets.scanner }),
  ];
  for (const inner of walker.holding) {
    const further = { bytes: held, string: inner, walker: walker.inner };
    edits.push(...editsAt(depth + 1, further, secrets));
  }
  return edits;
}

function valueEdits({ spans }: Walker, held: Buffer, secrets: NumberedSecrets): Edit[] {
  const { scanner, paths } = secrets;
  const edit = editOf(secrets);
  const top = skipSpace(held, 0, held.length);
  const foundAt = (row: number): Found => spans.found(row, held);
  return paths.flatMap((path) => {
    const first = firstRow(spans, scanner, path);
    if (first < 0) return [];
    scanner.noteFound(scanner.numberOf(path));
    return changes(spans, first, { path, foundAt, edit, top })?.edits ?? [];
  });
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

function asEdit(splice: Splice): Edit {
  return { kind: "replace", ...splice };
}

/** The edits of what detectors find in a record's strings. */
export function editsOfDetected(
  record: ScannedRecord,
  secrets: DetectedSecrets,
): FoundEdits | undefined {
  const { bytes, start, end, edits } = record;
  const { search } = secrets;
  const splices = edits?.splices(bytes, start, end) ?? no_splices;
  const is_likely =
    search.mayFind(bytes, start, end, splices) || splices.some((put) => mayBeFound(put, search));
  if (!is_likely) return no_edits;
  if (edits !== undefined) return undefined;
  const found = detectedInJson(bytes, { start, end }, secrets).map(asEdit);
  return { edits: found, count: found.length, moves: found.length > 0 };
}

/** The edits of secrets in what a record's strings hold in other encodings. */
export function editsOfEncoded(
  record: ScannedRecord,
  secrets: EncodedSecrets,
): FoundEdits | undefined {
  const { bytes, start, end, edits, scanner } = record;
  if (!mayHoldEncoded(secrets, bytes, start, end)) return no_edits;
  // What earlier edits have taken out is not to be found again.
  if (edits !== undefined) return undefined;
  const splices = encodedInJson(bytes, { start, end }, secrets);
  if (splices.length === 0) return no_edits;
  for (const path of secrets.paths) {
    if (secrets.hasFound(path)) scanner.noteFound(scanner.numberOf(path));
  }
  const found = splices.map(asEdit);
  return { edits: found, count: found.length, moves: true };
}

/** What was put into records last and holds nothing, by who looks for it: mostly the same bytes in every record. */
const harmless = new WeakMap<SecretSearch, Buffer>();

/** Whether something may be found in what a splice puts in. */
function mayBeFound({ bytes }: Splice, search: SecretSearch): boolean {
  if (harmless.get(search) === bytes) return false;
  if (search.mayFind(bytes, 0, bytes.length)) return true;
  harmless.set(search, bytes);
  return false;
}
