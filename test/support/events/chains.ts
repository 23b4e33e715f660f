/** Chains as the agent makes them: real plugins through the real loader, and real events to run them on. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Chain } from "../../../src/chain/chain.ts";
import { compileChain } from "../../../src/chain/compile.ts";
import { loadPlugins } from "../../../src/chain/plugins/load-plugins.ts";
import { chainOptions, pluginOf } from "../../../src/chain/options.ts";
import { Block } from "../../../src/event/block.ts";
import { Verdict } from "../../../src/event/event.ts";
import { LogEvent } from "../../../src/event/log-event.ts";
import type { Scanner } from "../../../src/event/scanner.ts";
import { Ledger } from "../../../src/ledger/ledger.ts";
import type { Clock } from "../../../src/platform/clock.ts";
import type { Complaint } from "../../../src/platform/errors.ts";
import { TallymanError } from "../../../src/platform/errors.ts";
import { type Logger, silentLogger } from "../../../src/platform/log.ts";
import { temporaryDirectory } from "../temporary.ts";

export interface ChainDeps {
  /** Drop-in plugins: their sources by file name. */
  files?: Record<string, string>;
  log?: Logger;
  clock?: Clock;
  /** Names of the outputs that there are. */
  outputs?: readonly string[];
  /** In which the files of lists have to be. */
  directories?: readonly string[];
}

/** Compiles the steps, as they stand in a configuration. */
export async function makeChain(steps: unknown, facts: ChainDeps = {}): Promise<Chain> {
  const { files, log = silentLogger, clock, outputs = [], directories } = facts;
  const options = chainOptions.parse(steps);
  const directory = files === undefined ? undefined : pluginsDirectory(files);
  const plugins = await loadPlugins(directory, { used: new Set(options.map(pluginOf)) });
  const more = clock === undefined ? {} : { clock };
  return compileChain(options, plugins, { log, outputs, directories, ...more });
}

/** A directory that holds these files and that a loader trusts. */
export function pluginsDirectory(files: Record<string, string>): string {
  const directory = join(temporaryDirectory(), "plugins");
  mkdirSync(directory, { mode: 0o755 });
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(join(directory, name), text, { mode: 0o644 });
  }
  return directory;
}

/** What compiling the steps complains about; an empty list where it does not. */
export async function complaintsAbout(
  steps: unknown,
  facts: ChainDeps = {},
): Promise<readonly Complaint[]> {
  try {
    await makeChain(steps, facts);
    return [];
  } catch (thrown) {
    if (thrown instanceof TallymanError) return thrown.details.complaints ?? [];
    throw thrown;
  }
}

/** One record as an event for this scanner. */
export function makeEvent(record: string | Buffer, scanner: Scanner): LogEvent {
  return makeEvents([record], scanner)[0]!;
}

/** Records as events of one block. */
export function makeEvents(records: readonly (string | Buffer)[], scanner: Scanner): LogEvent[] {
  const parts = records.map((each) => Buffer.from(each));
  const bytes = Buffer.concat(parts);
  const ends = new Int32Array(parts.length);
  let end = 0;
  parts.forEach(({ length }, number) => {
    end += length;
    ends[number] = end;
  });
  const stream = new Ledger().openStream("audit", undefined, 0);
  const block = new Block({
    origin: { input: "audit", stream: "/var/log/audit.log", metadata: {} },
    receipt: stream.open(parts.length, bytes.length, bytes.length),
    bytes,
    starts: ends.map((each, number) => each - parts[number]!.length),
    ends,
    count: parts.length,
    offset: 0,
    read_at_ms: 1_742_539_047_915,
  });
  return parts.map((_, number) => new LogEvent(block, number, scanner));
}

export interface Result {
  /** `kept`, or the fate of the event and the reason for it. */
  outcome: string;
  detail: string | undefined;
  /** What would be sent; of an ended event, too. */
  text: string;
  event: LogEvent;
}

/** Runs one record through the chain. */
export function runChain(chain: Chain, record: string | Buffer): Result {
  return runEvent(chain, makeEvent(record, chain.scanner));
}

/** Runs an event through the chain. */
export function runEvent(chain: Chain, event: LogEvent): Result {
  const end = chain.run(event);
  const verdict = end instanceof Verdict ? end : undefined;
  const outcome = verdict === undefined ? "kept" : `${verdict.fate} ${verdict.reason}`;
  return { outcome, detail: verdict?.detail, text: writtenText(event), event };
}

/** The bytes that an output would send, as text. */
export function writtenText(event: LogEvent): string {
  const target = Buffer.alloc(event.byteLength);
  const end = event.copyTo(target, 0);
  return target.toString("utf8", 0, end);
}
