/** Redact steps for events that have been through a former chain, as a configuration makes them. */
import { compileInputs } from "../../../src/agent/setup/compile.ts";
import type { Redaction } from "../../../src/agent/redaction/redaction.ts";
import { loadPlugins } from "../../../src/chain/plugins/load-plugins.ts";
import { Block, type RecordInit } from "../../../src/event/block.ts";
import { LogEvent } from "../../../src/event/log-event.ts";
import { Scanner } from "../../../src/event/scanner.ts";
import { Ledger } from "../../../src/ledger/ledger.ts";
import { silentLogger } from "../../../src/platform/log.ts";
import { load } from "../configuration.ts";

/** That of an input `a` with this chain, given as JSON. */
export async function redactionOf(chain: unknown): Promise<Redaction> {
  const config = await load(
    `inputs:\n  a: { paths: [/a] }\nchain: ${JSON.stringify(chain)}\noutput: { url: "https://splunk:8088", token: abc }\n`,
  );
  const compiled = await compileInputs(config, silentLogger, await loadPlugins(config.plugins_dir));
  return compiled[0]!.redaction;
}

/** A block of these records of an input `a`, received in a ledger. */
export function blockOf(
  texts: readonly (string | Buffer)[],
  more: { ledger?: Ledger; known?: readonly RecordInit[]; redacted?: Block["redacted"] } = {},
): Block {
  const { ledger = new Ledger(), known, redacted } = more;
  const parts = texts.map((text) => Buffer.concat([Buffer.from(text), Buffer.from("\n")]));
  const ends: number[] = [];
  let end = 0;
  for (const part of parts) ends.push((end += part.length));
  const bytes = Buffer.concat(parts);
  return new Block({
    origin: { input: "a", stream: "a.log", metadata: { host: "h" } },
    receipt: ledger.openStream("a", {}, undefined).open(texts.length, bytes.length, undefined),
    bytes,
    starts: Int32Array.from(parts.map((part, number) => ends[number]! - part.length)),
    ends: Int32Array.from(ends.map((each) => each - 1)),
    count: texts.length,
    offset: 0,
    read_at_ms: 1_700_000_000_000,
    known,
    redacted,
  });
}

/** The texts of the records, as they are now. */
export function textsOf(block: Block): string[] {
  const scanner = new Scanner([]);
  return Array.from(
    { length: block.count },
    (_, number) => new LogEvent(block, number, scanner).text,
  );
}
