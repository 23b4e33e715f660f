/** The real output with its ledger and quarantine before a simulated Splunk. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { Ledger } from "../../../src/ledger/ledger.ts";
import { splunkHecOptions } from "../../../src/output/splunk-hec/options.ts";
import type { Delivered } from "../../../src/output/delivered.ts";
import type { QuarantineRecord } from "../../../src/output/quarantine/record.ts";
import { Quarantine } from "../../../src/output/quarantine/quarantine.ts";
import { SplunkHecOutput } from "../../../src/output/splunk-hec/splunk-hec.ts";
import type { Clock } from "../../../src/platform/clock.ts";
import { CollectedLog } from "../collected-log.ts";
import { makeEvents, type EventsFacts } from "./events.ts";
import { spoilReturnedBuffers } from "./spoiled-buffers.ts";
import { fastClock } from "../clocks/fast-clock.ts";
import { Splunk, valid_token, type SplunkFacts } from "../splunk.ts";
import { temporaryDirectory } from "../temporary.ts";

export const never: AbortSignal = new AbortController().signal;

export class OutputRig {
  readonly ledger = new Ledger();
  readonly log = new CollectedLog();
  readonly splunk: Splunk;
  readonly output: SplunkHecOutput;
  readonly quarantine: Quarantine;
  readonly quarantine_directory = temporaryDirectory();
  readonly #clock: Clock;
  #added = 0;

  constructor(splunk: Splunk, options: object, clock: Clock) {
    spoilReturnedBuffers();
    this.splunk = splunk;
    this.#clock = clock;
    const { ledger, log } = this;
    const mask = (text: string): string => text.replaceAll("hunter2", "***");
    this.quarantine = new Quarantine(this.quarantine_directory, { ledger, clock, log, mask });
    this.output = this.another(options);
    onTestFinished(() => this.quarantine.close());
  }

  static async start(
    options: object = {},
    clock: Clock = fastClock(20),
    facts: SplunkFacts = {},
  ): Promise<OutputRig> {
    // On a fast clock an answer takes long, and longer on a busy machine.
    return new OutputRig(await Splunk.start(facts), { timeout: "1h", ...options }, clock);
  }

  /** Another output for the same ledger and Splunk; it ends with the test. */
  another(options: object = {}, more: { delivered?: Delivered } = {}): SplunkHecOutput {
    const { ledger, log, quarantine, splunk } = this;
    const parsed = splunkHecOptions.parse({ url: splunk.url, token: valid_token, ...options });
    const facts = { ledger, quarantine, clock: this.#clock, log, random: () => 0.5, ...more };
    const output = new SplunkHecOutput("splunk", parsed, facts);
    onTestFinished(() => output.close());
    return output;
  }

  /** Adds `count` numbered events in one block, and gives their records. */
  add(count: number, facts: EventsFacts & { size?: number } = {}): string[] {
    const records = Array.from({ length: count }, () => {
      this.#added += 1;
      return JSON.stringify({ number: this.#added, filler: "x".repeat(facts.size ?? 0) });
    });
    this.addRecords(records, facts);
    return records;
  }

  /** Adds these records in one block. */
  addRecords(records: readonly string[], facts: EventsFacts = {}): void {
    for (const event of makeEvents(this.ledger, records, facts)) this.output.add(event);
  }

  /** Adds blocks as an input does: waits for room after each. */
  async addBlocks(blocks: number, facts: { events: number; size: number }): Promise<string[]> {
    const records: string[] = [];
    for (let block = 0; block < blocks; block += 1) {
      records.push(...this.add(facts.events, { size: facts.size }));
      await this.output.room("audit");
    }
    this.output.idle();
    return records;
  }

  get delivered(): number {
    return this.ledger.books().total.delivered;
  }

  /** The lines of the quarantine. */
  get quarantined(): QuarantineRecord[] {
    const file = join(this.quarantine_directory, "quarantine.jsonl");
    if (!existsSync(file)) return [];
    const lines = readFileSync(file, "utf8").trimEnd().split("\n");
    return lines.map((line) => JSON.parse(line) as QuarantineRecord);
  }

  get inFlight(): number {
    return this.ledger.books().total.in_flight;
  }
}
