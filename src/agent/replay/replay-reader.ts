/**
 * Reads one part of what is to be replayed: a block for each event, since each has its own stream and position.
 */
import type { FileHandle } from "node:fs/promises";
import { Block, type ChainKind, type RecordInit, type Origin } from "../../event/block.ts";
import type { Metadata, Verdict } from "../../event/event.ts";
import type { Intake } from "../../inputs/input.ts";
import type { StreamLedger } from "../../ledger/stream-ledger.ts";
import { contentOf } from "../../output/quarantine/content.ts";
import { linesOf, type QuarantinedLine } from "../../output/quarantine/lines.ts";

/** What the events of an input have where the quarantine does not say. */
export type ReplayOrigin = Pick<Origin, "metadata" | "time">;

export interface ReplayReaderDeps {
  file: FileHandle;
  input: string;
  origin: ReplayOrigin;
  stream: StreamLedger;
  intake: ReplayedInto;
}

/** Where events go. What it has to do before it takes the next one comes before that is booked. */
export interface ReplayedInto extends Intake {
  prepare?(): Promise<void> | undefined;
  /** Why an event is not taken, by the chain that its input had when it went to quarantine. */
  refusalOf?(had: ChainKind | undefined): Verdict | undefined;
}

export interface Replayed {
  events: number;
  /** Where the part ends; undefined where it was not read to its end. */
  end: number | undefined;
}

export class ReplayReader {
  readonly #deps: ReplayReaderDeps;
  /** The metadata of the last event: events come in runs, and an output keeps what it made of the same object. */
  #metadata: { json: string; metadata: Metadata } | undefined;

  constructor(deps: ReplayReaderDeps) {
    this.#deps = deps;
  }

  /** Delivers the events from `offset` on, until the end or `stop`. Rejects where the file or a line cannot be read. */
  async run(offset: number, stop: AbortSignal): Promise<Replayed> {
    const { file, intake } = this.#deps;
    const replayed: Replayed = { events: 0, end: undefined };
    let end = 0;
    for await (const lines of linesOf(file)) {
      for (const line of lines) {
        end = line.end;
        if (line.start < offset) continue;
        const bytes = Buffer.allocUnsafe(line.end - line.start);
        await file.read(bytes, 0, bytes.length, line.start);
        await intake.prepare?.();
        const block = line.details && this.#blockOf(line.details, bytes, end);
        // Passing over it would lose it, since the part is removed in the end.
        if (block === undefined) throw new Error(`the line at byte ${line.start} is damaged`);
        replayed.events += 1;
        await intake.accept(block);
        if (stop.aborted) return replayed;
      }
    }
    return { ...replayed, end };
  }

  /** Undefined where the line cannot be understood. */
  #blockOf(details: QuarantinedLine, line: Buffer, end: number): Block | undefined {
    const { input, intake, origin, stream } = this.#deps;
    const content = contentOf(line);
    if (content === undefined) return undefined;
    const { text, metadata: { time, ...kept } = {} } = content;
    const bytes = Buffer.from(text);
    const original = originalOf(details);
    const known: RecordInit = {
      time,
      ...(details.truncated === undefined && { original }),
      // Asked when the event is about to go its way: a reload may come while it waits.
      get verdict() {
        return intake.refusalOf?.(details.chain);
      },
    };
    const is_known = content.metadata !== undefined;
    return new Block({
      origin: {
        input,
        stream: details.stream,
        metadata: is_known ? this.#shared(kept) : origin.metadata,
        time: origin.time,
        chain: details.chain,
      },
      receipt: stream.openReplay(1, bytes.length, { offset: end }),
      bytes,
      starts: Int32Array.of(0),
      ends: Int32Array.of(bytes.length),
      count: 1,
      offset: details.offset,
      read_at_ms: Date.parse(details.time),
      known: [known],
      ...(details.truncated && original && { truncations: new Map([[0, original]]) }),
    });
  }

  #shared(metadata: Metadata): Metadata {
    const json = JSON.stringify(metadata);
    if (this.#metadata?.json !== json) this.#metadata = { json, metadata };
    return this.#metadata.metadata;
  }
}

function originalOf({ original_bytes, sha256 }: QuarantinedLine): RecordInit["original"] {
  if (original_bytes === undefined || sha256 === undefined) return undefined;
  return { original_bytes, original_sha256: sha256 };
}
