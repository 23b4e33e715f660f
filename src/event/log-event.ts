/**
 * An event on its way: a window on one record of a block, its metadata, and its pending edits.
 *
 * It is scanned at the first use that needs it, once for all paths of the chain. For the hot steps: `replace(path, value)` with a path
 * made at start-up and a scalar costs next to nothing where the path is not in the event, and else no encoding: its bytes are kept.
 */
import { StepFailure } from "../platform/step-failure.ts";
import type { Block, Records, Truncation } from "./block.ts";
import type { DetectedSecrets, EncodedSecrets, Event, Invalid } from "./event.ts";
import type { JsonValue, StringSecrets, ValueChange } from "./event.ts";
import { Verdict } from "./event.ts";
import { changeAll } from "./changing.ts";
import { EventMetadata } from "./event-metadata.ts";
import { editsInStrings, editsOfDetected, editsOfEncoded, editsOfNamed } from "./json-in-string.ts";
import { parseJson, readJson, stringifyJson } from "./scan/json-value.ts";
import { MadeEvents } from "./made-events.ts";
import { assertTime } from "./metadata.ts";
import { moveValue, setJsonText } from "./moving.ts";
import { Path } from "./scan/path.ts";
import { RecordBody } from "./record-body.ts";
import type { Scanner } from "./scanner.ts";
import { editOfStrings, editOfValues } from "./span-edits.ts";

/** Without a block to be settled, as `LogEvent<Records>`, an event can go through a chain but not to an output. */
export class LogEvent<Source extends Records = Block> extends EventMetadata implements Event {
  readonly block: Source;
  /** The record's number in its block. */
  readonly number: number;
  readonly #body: RecordBody;
  /** The time that was known before, or that a step has set. */
  #time: string | undefined = undefined;
  /** Whether its time was read from it before. */
  #is_time_read = false;
  /** The object that `record` gave away, to be written back; undefined where there is none. */
  #record: { value: JsonValue; text: string } | undefined = undefined;
  /** What steps have made of its record; undefined where they made nothing. */
  #made: MadeEvents | undefined = undefined;

  constructor(block: Source, number: number, scanner: Scanner) {
    super(scanner, block.metadataOf(number, scanner.maskHeader));
    this.block = block;
    this.number = number;
    this.#body = new RecordBody(scanner, block.bytes, block.starts[number]!, block.ends[number]!);
    const known = block.known?.[number];
    this.#time = known?.time;
    this.place = known?.place;
  }

  /** Offset of the record in its stream. */
  get offset(): number {
    const { offset, offsets, starts } = this.block;
    return offset + (offsets ?? starts)[this.number]!;
  }

  get truncation(): Truncation | undefined {
    return this.block.truncations?.get(this.number);
  }

  /** Bytes that `copyTo` writes. A record that is not JSON is copied as it is: see `invalid`. */
  get byteLength(): number {
    if (this.#record !== undefined) this.commit();
    return this.#body.byteLength;
  }

  /** Writes the record, edits applied, to `target` from `at`; returns where it ends. */
  copyTo(target: Buffer, at: number): number {
    if (this.#record !== undefined) this.commit();
    return this.#body.copyTo(target, at);
  }

  /**
   * Writes back what a step did to the object that `record` gave it, and lets go of that object. The chain
   * calls this after each step, so that what the step put there and JSON does not have throws in its name.
   */
  commit(): void {
    this.#sync();
    this.#record = undefined;
  }

  /** Lets go of the object that `record` gave, with what was done to it. For a step that has failed. */
  discard(): void {
    this.#record = undefined;
  }

  get invalid(): Invalid | undefined {
    this.#sync();
    return this.#body.invalid;
  }

  get is_text(): boolean {
    this.#sync();
    return this.#body.isText;
  }

  get(path: Path | string): JsonValue | undefined {
    this.#sync();
    return this.#body.get(path);
  }

  getAll(path: Path | string): JsonValue[] {
    this.#sync();
    return this.#body.getAll(path, ({ bytes, start, end, plain }) =>
      readJson(bytes, start, end, plain),
    );
  }

  has(path: Path | string): boolean {
    this.#sync();
    return this.#body.find(path) !== undefined;
  }

  /** Lets go of the object that `record` gave, as replace and delete do. Where it inserts: insertion.ts. */
  set(path: Path | string, value: JsonValue): void {
    this.commit();
    this.#body.set(path, value);
    this.count(1);
  }

  replace(path: Path | string, value: JsonValue): number {
    if (this.#record !== undefined) this.commit();
    return this.count(this.#body.replace(path, value));
  }

  setJson(path: Path, text: string): boolean {
    this.commit();
    return this.count(setJsonText(this.#body, path, text) ? 1 : 0) > 0;
  }

  replaceInStrings(secrets: StringSecrets): number {
    if (this.#record !== undefined) this.commit();
    if (!this.#body.may_hold_json) return 0;
    return this.count(this.#body.edit(editsInStrings, secrets));
  }

  replaceNamed(secrets: StringSecrets): number {
    if (this.#record !== undefined) this.commit();
    return this.count(this.#body.edit(editsOfNamed, secrets));
  }

  replaceDetected(secrets: DetectedSecrets): number {
    if (this.#record !== undefined) this.commit();
    return this.count(this.#body.edit(editsOfDetected, secrets));
  }

  replaceEncoded(secrets: EncodedSecrets): number {
    if (this.#record !== undefined) this.commit();
    return this.count(this.#body.edit(editsOfEncoded, secrets));
  }

  delete(path: Path | string): number {
    this.commit();
    return this.count(this.#body.remove(path));
  }

  move(from: Path, to: Path): boolean {
    this.commit();
    return this.count(moveValue(this.#body, from, to) ? 1 : 0) > 0;
  }

  select(paths: readonly Path[]): number {
    this.commit();
    return this.count(this.#body.select(paths));
  }

  mapStrings(path: Path | string, change: (text: string) => string, longer_than = 0): number {
    if (this.#record !== undefined) this.commit();
    const place = this.scanner.pathOf(path);
    return this.count(this.#body.change(place, editOfStrings({ change, longer_than })));
  }

  change(path: Path | readonly Path[], change: ValueChange): number {
    if (this.#record !== undefined) this.commit();
    const edit = editOfValues(change);
    if (path instanceof Path) return this.count(this.#body.change(path, edit));
    return this.count(changeAll(this.#body, path, { scanner: this.scanner, edit }));
  }

  get record(): JsonValue {
    if (this.#record === undefined) {
      this.#body.assertReadable();
      const value = parseJson(this.#body.text());
      // What is in an object may be changed; a text may only be set.
      this.#record = { value, text: typeof value === "string" ? stringifyJson(value) : "" };
    }
    return this.#record.value;
  }

  set record(value: JsonValue) {
    if (typeof value === "string" && value === this.#record?.value) return;
    const text = stringifyJson(value);
    this.#load(text);
    this.#record = { value, text };
  }

  get text(): string {
    this.#sync();
    return this.#body.text();
  }

  set text(text: string) {
    if (typeof text !== "string") throw new StepFailure("text must be a string");
    // Its bytes stay as they are, also those that are no UTF-8 and are another character in its text.
    if (text === this.text) return;
    this.#record = undefined;
    this.#load(text);
  }

  get time(): string {
    const known = this.#time ?? (this.#readTime() ? undefined : this.#other_time);
    return known ?? this.scanner.times.reader.text;
  }

  set time(time: string) {
    assertTime(time);
    this.#time = time;
    this.count(1);
  }

  /** Writes `time` to `target` from `at`; returns where it ends. Takes up to `time_length_max` bytes. */
  writeTime(target: Buffer, at: number): number {
    const known = this.#time ?? (this.#readTime() ? undefined : this.#other_time);
    if (known !== undefined) return at + target.write(known, at, "latin1");
    const { digits, length } = this.scanner.times.reader;
    for (let digit = 0; digit < length; digit += 1) target[at + digit] = digits[digit]!;
    return at + length;
  }

  make(value: JsonValue): LogEvent<Source> {
    return this.makeOf(Buffer.from(stringifyJson(value)));
  }

  split(path: Path | string): LogEvent<Source>[] {
    const { time } = this;
    const found = this.#body.getAll(path, (each) => each);
    return found.map(({ bytes, start, end }) => this.makeOf(bytes.subarray(start, end), time));
  }

  /** As `make`, of a copy of these bytes. */
  makeOf(record: Uint8Array, other_time = this.time): LogEvent<Source> {
    const made = (this.#made ??= new MadeEvents());
    made.count(record.length);
    const known = { metadata: this.metadata, other_time };
    const records = this.block.made(this.number, Buffer.from(record), known);
    // A block makes blocks.
    const event = new LogEvent(records as Source, 0, this.scanner);
    event.#made = made;
    made.add(event);
    return event;
  }

  /** Whether a step made it of the same record as `other`, and none has returned it; it counts as returned then. */
  takeMade(other: LogEvent<Records>): boolean {
    return this.#made !== undefined && this.#made === other.#made && this.#made.take(this);
  }

  drop(reason: string): Verdict {
    return new Verdict("dropped", reason);
  }

  quarantine(reason: string, detail?: string): Verdict {
    return new Verdict("quarantined", reason, detail);
  }

  #load(text: string): void {
    this.#body.load(Buffer.from(text));
    this.count(1);
  }

  /** Has the scanner's reader read the time; false where it has none itself. */
  #readTime(): boolean {
    this.#sync();
    const { block, number } = this;
    const is_own = this.scanner.times.read(this.#body, block, number, !this.#is_time_read);
    this.#is_time_read = true;
    return is_own;
  }

  get #other_time(): string | undefined {
    return this.block.known?.[this.number]?.other_time;
  }

  /** Writes the object that `record` gave back into the bytes, where it has changed since. */
  #sync(): void {
    const record = this.#record;
    if (record === undefined) return;
    // What JSON does not have must throw once, and not again where the event goes to quarantine.
    this.#record = undefined;
    const text = stringifyJson(record.value);
    if (text !== record.text) this.#load(text);
    this.#record = { value: record.value, text };
  }
}
