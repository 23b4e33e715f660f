/**
 * The redact steps of one input's chain, for events that have been through a former chain: they wait in memory or in a journal
 * while a reload or a restart adds steps.
 *
 * Of each such event it is known which redact steps it has been through, so only the others run. They are compiled once more, when
 * the first such event comes: most often there is none.
 */
import assert from "node:assert";
import type { Chain } from "../../chain/chain.ts";
import { idsIn } from "../../chain/redaction/step-id.ts";
import { Block, type RecordInit } from "../../event/block.ts";
import { Split } from "../../chain/split.ts";
import type { Verdict } from "../../event/event.ts";
import { LogEvent } from "../../event/log-event.ts";

/** How many different former chains are remembered. */
const former_max = 100;

/** Compiles the redact steps; `hasPassed` says of the event at hand whether it has been through the step of an id. */
export type CompileAgain = (hasPassed: (id: string) => boolean) => Promise<Chain>;

export class Redaction {
  readonly #whole: Pick<Chain, "redacted_by">;
  readonly #compile: CompileAgain;
  readonly #covered = new Map<string, boolean>();
  #compiling: Promise<void> | undefined;
  #chain: Chain | undefined;
  #is_disposed = false;
  /** The steps that the event at hand has been through. */
  #passed: readonly string[] = [];

  /** `chain` is the one whose redact steps these are. */
  constructor(chain: Pick<Chain, "redacted_by">, compile: CompileAgain) {
    this.#whole = chain;
    this.#compile = compile;
  }

  /** The ids of the steps, one after the other. */
  get steps(): string {
    return this.#whole.redacted_by;
  }

  /** Whether an event that has been through these steps has been through all of them. */
  isCoveredBy(passed: string): boolean {
    if (passed === this.steps) return true;
    const known = this.#covered.get(passed);
    if (known !== undefined) return known;
    const ids = idsIn(passed);
    const is_covered = idsIn(this.steps).every((id) => ids.includes(id));
    if (this.#covered.size >= former_max) this.#covered.clear();
    this.#covered.set(passed, is_covered);
    return is_covered;
  }

  get is_ready(): boolean {
    return this.#chain !== undefined;
  }

  /** Comes before `redact`. Throws a TallymanError where a file that a step reads has gone meanwhile. */
  async prepare(): Promise<void> {
    if (this.is_ready) return;
    this.#compiling ??= this.#prepare();
    await this.#compiling;
  }

  /**
   * The block with the steps done that its records have not been through: the same receipt, bytes of its own. `passedOf` says
   * by the record's number which steps it has been through. Says how many records were changed or ended.
   */
  redact(block: Block, passedOf: (number: number) => string): { block: Block; changed: number } {
    const chain = this.#chain;
    assert(chain !== undefined, "redact steps are prepared before events are given to them");
    const records = new Rewriting(block);
    let changed = 0;
    for (let number = 0; number < block.count; number += 1) {
      const event: LogEvent = new LogEvent(block, number, chain.scanner);
      const known = block.known?.[number];
      const passed = passedOf(number);
      if (known?.verdict !== undefined || this.isCoveredBy(passed)) {
        records.add(event, known);
        continue;
      }
      this.#passed = idsIn(passed);
      const { changes } = event;
      const verdict: Verdict | Split<Block> | undefined = chain.runHere(event);
      assert(!(verdict instanceof Split), "redact steps split no event");
      if (verdict !== undefined || event.changes !== changes) changed += 1;
      records.add(event, { ...known, metadata: event.metadata, verdict });
    }
    return { block: records.finish(), changed };
  }

  /** Ends the steps, which are given no event any more. Never rejects. */
  async dispose(): Promise<void> {
    this.#is_disposed = true;
    await this.#compiling?.catch(() => undefined);
    await this.#chain?.dispose();
  }

  async #prepare(): Promise<void> {
    try {
      const chain = await this.#compile((id) => this.#passed.includes(id));
      if (this.#is_disposed) await chain.dispose();
      else this.#chain = chain;
    } finally {
      this.#compiling = undefined;
    }
  }
}

/** A block that is made of another, record by record. */
class Rewriting {
  readonly #block: Block;
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];
  readonly #known: (RecordInit | undefined)[] = [];
  #bytes: Buffer;
  #end = 0;

  constructor(block: Block) {
    this.#block = block;
    this.#bytes = Buffer.allocUnsafe(block.bytes.length);
  }

  /** Copies an event as it is now. */
  add(event: LogEvent, known: RecordInit | undefined): void {
    const { byteLength } = event;
    this.#reserve(byteLength);
    this.#starts.push(this.#end);
    this.#end = event.copyTo(this.#bytes, this.#end);
    this.#ends.push(this.#end);
    this.#known.push(known);
  }

  /** The other block is released by it. */
  finish(): Block {
    const { receipt, origin, offset, offsets, starts, read_at_ms, truncations } = this.#block;
    const made = new Block({
      receipt,
      origin,
      bytes: this.#bytes,
      starts: Int32Array.from(this.#starts),
      ends: Int32Array.from(this.#ends),
      count: this.#starts.length,
      offset,
      offsets: Array.from(offsets ?? starts),
      read_at_ms,
      truncations,
      known: this.#known,
    });
    this.#block.release();
    return made;
  }

  #reserve(count: number): void {
    const needed = this.#end + count;
    if (needed <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(needed, 2 * this.#bytes.length));
    this.#bytes.copy(larger, 0, 0, this.#end);
    this.#bytes = larger;
  }
}
