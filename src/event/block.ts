/**
 * Records: one buffer of whole records of one stream. A block: records that were read, and the receipt for them.
 *
 *     bytes  [ ...record 0\n record 1\n ... record n-1\n ... ]
 *               ^starts[0]  ^ends[0] (the line end is not part of the record)
 */
import type { Place } from "../ledger/lanes/lane.ts";
import type { Receipt } from "../ledger/receipt.ts";
import type { Metadata, Verdict } from "./event.ts";
import type { TimeRule } from "./time/time-rule.ts";
import type { KeptEvent } from "./kept-event.ts";

/** Whose chain the events of an input go through: that of the input alone, or the one of all that have none of their own. */
export type ChainKind = "own" | "common";

/** What all events of one stream have in common. */
export interface Origin {
  /** The input's name in the configuration. */
  readonly input: string;
  /** The stream's name for people: a file's path. */
  readonly stream: string;
  readonly metadata: Metadata;
  /** How the time is read that an event itself has. Default: events have the time of reading. */
  readonly time?: TimeRule | undefined;
  /** Of what comes from quarantine: the chain that its input had then. */
  readonly chain?: ChainKind | undefined;
}

/** Of an origin, what the configuration says, and a reload may change while the input runs. */
export interface OriginOptions extends Pick<Origin, "metadata" | "time"> {
  /** For files: the indexed fields that a file's path says. */
  readonly path_fields?: ((path: string) => Metadata["fields"]) | undefined;
}

/** What is known of a record that was longer than `max_event_bytes` and was cut. */
export interface Truncation {
  readonly original_bytes: number;
  /** Of the whole record, in hex. */
  readonly original_sha256: string;
}

/** What is known of a record by how it came in: what its header said, and whether it is whole. */
export interface RecordHeader {
  /** As it was written in the header: the event's time where the time rule finds none in the record. */
  readonly timestamp?: string | undefined;
  readonly host?: string | undefined;
  /** Indexed fields; those that the configuration sets go before. One object for all records that have the same. */
  readonly fields?: Metadata["fields"];
  /** What host and fields were taken from, where that is a stranger's text, which may hold a secret. */
  readonly from?: HeaderSource | undefined;
}

/** The text of a header. One object for all records that have the same. */
export interface HeaderSource {
  readonly text: string;
  /** The fields that are parts of the text. */
  readonly parts: readonly HeaderPart[];
}

/** A field and what of the header's text, as it is written there, its name and its value are. */
export interface HeaderPart {
  readonly field: string;
  readonly names: readonly string[];
  readonly values: readonly string[];
}

/** What is known of a record already, so that it is neither looked for in its bytes nor taken from the origin. */
export interface RecordInit {
  /** Instead of the origin's. */
  readonly metadata?: Metadata | undefined;
  /** Epoch seconds as digits with up to nine decimals, instead of a timestamp in the record. */
  readonly time?: string | undefined;
  /** Epoch seconds as digits, for a record in which no time is found: that of the event it was made of. */
  readonly other_time?: string | undefined;
  /** What is added to the origin's metadata, or known beside it. */
  readonly header?: RecordHeader | undefined;
  /** How the event ended before it was read here, where it did. */
  readonly verdict?: Verdict | undefined;
  /** Of the record as it came in, where what is here was masked or cut. */
  readonly original?: Truncation | undefined;
  /** Where it is in a lane of the agent that it comes from. */
  readonly place?: Place | undefined;
  /** What else is known of an event that ended in quarantine. */
  readonly kept?: Partial<KeptEvent> | undefined;
}

/** Records of a journal that have been through the same redact steps. */
export interface RedactedRun {
  /** The number of its first record. It goes on to the next run. */
  readonly from: number;
  /** The ids of the steps, one after the other. */
  readonly steps: string;
}

export interface RecordsInit {
  origin: Origin;
  bytes: Buffer;
  starts: Int32Array;
  ends: Int32Array;
  count: number;
  /** Offset in the stream of `bytes[0]`. */
  offset: number;
  /** By record number, where each began, from `offset` on: where `bytes` are not those of the stream, but made of them. */
  offsets?: ArrayLike<number> | undefined;
  /** Wall-clock time of the read, milliseconds since the epoch: an event's time where it has none itself. */
  read_at_ms: number;
  /** By record number. */
  truncations?: ReadonlyMap<number, Truncation> | undefined;
  /** By record number. */
  known?: readonly (RecordInit | undefined)[] | undefined;
}

export interface BlockInit extends RecordsInit {
  receipt: Receipt;
  /** Of records that have been through a chain before, in their order. */
  redacted?: readonly RedactedRun[] | undefined;
  /** Where somebody wants to know them: gets the indexes that its events go to, as far as they are few. */
  indexes?: Set<string | undefined> | undefined;
  /** Gives the buffers back to whoever lent them. */
  release?: () => void;
}

type OneRecord = "bytes" | "starts" | "ends" | "count";

function oneRecord(bytes: Buffer): Pick<RecordsInit, OneRecord> {
  return { bytes, starts: Int32Array.of(0), ends: Int32Array.of(bytes.length), count: 1 };
}

export class Records {
  /** The metadata that was put together last, and of what. */
  #last: { base: Metadata; header: RecordHeader; made: Metadata } | undefined;
  readonly origin: Origin;
  readonly bytes: Buffer;
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  readonly count: number;
  readonly offset: number;
  readonly offsets: ArrayLike<number> | undefined;
  readonly read_at_ms: number;
  readonly truncations: ReadonlyMap<number, Truncation> | undefined;
  readonly known: readonly (RecordInit | undefined)[] | undefined;

  constructor(init: RecordsInit) {
    this.origin = init.origin;
    this.bytes = init.bytes;
    this.starts = init.starts;
    this.ends = init.ends;
    this.count = init.count;
    this.offset = init.offset;
    this.offsets = init.offsets;
    this.read_at_ms = init.read_at_ms;
    this.truncations = init.truncations;
    this.known = init.known;
  }

  /** One record, which is all of the bytes. */
  static ofOne(
    bytes: Buffer,
    init: Omit<RecordsInit, OneRecord | "offset"> & { offset?: number },
  ): Records {
    return new Records({ offset: 0, ...init, ...oneRecord(bytes) });
  }

  /** The same records as if they had another origin. */
  from(origin: Origin): Records {
    const { bytes, starts, ends, count, offset, offsets } = this;
    const { read_at_ms, truncations, known } = this;
    const read = { bytes, starts, ends, count, offset, offsets };
    return new Records({ origin, ...read, read_at_ms, truncations, known });
  }

  /** `bytes` as a record that was made of the `number`th one and stands where that does. */
  made(number: number, bytes: Buffer, known: RecordInit): Records {
    return Records.ofOne(bytes, this.madeInit(number, known));
  }

  protected madeInit(number: number, known: RecordInit): Omit<RecordsInit, OneRecord> {
    const { origin, read_at_ms, offset, offsets, starts, truncations } = this;
    const truncation = truncations?.get(number);
    return {
      origin,
      read_at_ms,
      offset: offset + (offsets ?? starts)[number]!,
      truncations: truncation && new Map([[0, truncation]]),
      known: [known],
    };
  }

  /** The metadata with which a record begins. `masked` masks what is secret in a header. */
  metadataOf(number: number, masked?: (header: RecordHeader) => RecordHeader): Metadata {
    const { metadata } = this.origin;
    const known = this.known?.[number];
    if (known === undefined) return metadata;
    const { header, metadata: base = metadata } = known;
    if (header === undefined) return base;
    const last = this.#last;
    const { fields, host } = header;
    const is_same = last?.base === base && last.header.fields === fields;
    if (is_same && last.header.host === host) return last.made;
    const made = withHeader(base, masked?.(header) ?? header);
    this.#last = { base, header, made };
    return made;
  }
}

function withHeader(metadata: Metadata, { host, fields }: RecordHeader): Metadata {
  return {
    ...metadata,
    ...(host !== undefined && { host }),
    ...(fields !== undefined && { fields: { ...fields, ...metadata.fields } }),
  };
}

/**
 * How much of an input may be set aside behind it, since the receiver refuses its index, before the input waits: `few` batches, or
 * `many` where the input itself sends nothing more to such an index.
 */
export type Aside = "few" | "many";

/** How the body of a batch of an agent comes: as what an output may post. */
export interface PackedBody {
  readonly packing: "gzip" | "none";
  /** Unpacked. */
  readonly bytes: number;
}

/**
 * Why the events of a body have to be told apart before they are sent: the chain has steps; the output posts no such bodies, or none
 * that are packed so, or there is a buffer before it; events get places here, or indexes were corrected; or another size is better.
 */
export type UnpackReason =
  "steps" | "output" | "compression" | "buffer" | "places" | "indexes" | "small" | "large";

/**
 * A block whose events nobody has looked for: the body of a batch, as its agent has made it for Splunk. It may be posted as it is, and
 * its events are told apart only where they have to be.
 */
export interface PackedBlock extends PackedBody {
  readonly receipt: Receipt;
  readonly origin: Origin;
  /** Of all its events; undefined is the token's default. */
  readonly index: string | undefined;
  readonly count: number;
  readonly body: Buffer;
  /** Its events. Undefined where they are not what they were said to be: all of it is refused then, and nothing is to be settled. */
  unpack(): Block | undefined;
}

export class Block extends Records {
  readonly receipt: Receipt;
  readonly redacted: readonly RedactedRun[] | undefined;
  readonly indexes: Set<string | undefined> | undefined;
  readonly #release: (() => void) | undefined;

  constructor(init: BlockInit) {
    super(init);
    this.receipt = init.receipt;
    this.redacted = init.redacted;
    this.indexes = init.indexes;
    this.#release = init.release;
  }

  /** It is settled with this block's receipt. */
  override made(number: number, bytes: Buffer, known: RecordInit): Block {
    const { receipt } = this;
    return new Block({ ...this.madeInit(number, known), ...oneRecord(bytes), receipt });
  }

  /** Says that no event of the block is looked at any more, so that its buffers may be used again. */
  release(): void {
    this.#release?.();
  }
}
