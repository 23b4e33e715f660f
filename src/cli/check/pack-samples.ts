/**
 * The packs that redact steps use: which they are, and whether they do what their samples say.
 */
import { dirname } from "node:path";
import { compileChain } from "../../chain/compile.ts";
import type { ChainOptions } from "../../chain/options.ts";
import { loadPlugins } from "../../chain/plugins/load-plugins.ts";
import { chainOptions } from "../../chain/options.ts";
import type { Config } from "../../config/config.ts";
import type { RedactLine } from "../../detectors/packs/check-pack.ts";
import type { Pack } from "../../detectors/packs/pack.ts";
import { Verdict } from "../../event/event.ts";
import { Records } from "../../event/block.ts";
import { LogEvent } from "../../event/log-event.ts";
import type { Complaint } from "../../platform/errors.ts";
import { silentLogger } from "../../platform/log.ts";

/** What the samples of the packs in use came to. */
export interface PackResults {
  /** A line for each pack. */
  readonly lines: string[];
  readonly complaints: readonly Complaint[];
}

/** A name of a pack, and where it stands. */
interface UsedPack {
  readonly name: string;
  readonly at: Complaint["path"];
}

/**
 * Runs the samples of each pack that a step names. The configuration has compiled, so each can be loaded. What runs them is
 * loaded only where there are any.
 */
export async function checkPacks(config: Config): Promise<PackResults> {
  const lines: string[] = [];
  const complaints: Complaint[] = [];
  const used = packsIn(config);
  if (used.length === 0) return { lines, complaints };
  const [{ checkPack }, { loadPack }] = await Promise.all([
    import("../../detectors/packs/check-pack.ts"),
    import("../../detectors/packs/load-pack.ts"),
  ]);
  const folder = dirname(config.file);
  for (const { name, at } of used) {
    const pack = await loadPack(name, folder);
    const faults = checkPack(pack, await redactorOf(pack));
    const { version, description, samples } = pack;
    lines.push(`${name}, version ${version}: ${description} ${samples.length} samples pass.`);
    for (const { file, line, sample, expected, got } of faults) {
      const message = `${file}:${line}: the sample "${sample}" of this pack gives ${got}, not ${expected}`;
      complaints.push(config.complain(at, message));
    }
  }
  return { lines, complaints };
}

/** Each pack once, at the first place that names it. */
function packsIn({ chain, inputs }: Config): UsedPack[] {
  const used = new Map<string, UsedPack>();
  const add = (steps: ChainOptions, at: Complaint["path"]): void => {
    for (const [number, step] of steps.entries()) {
      const redact = step["redact"] as { pack?: unknown } | undefined;
      if (!Array.isArray(redact?.pack)) continue;
      for (const [index, name] of (redact.pack as string[]).entries()) {
        const place = [...at, number, "redact", "pack", index];
        if (!used.has(name)) used.set(name, { name, at: place });
      }
    }
  };
  add(chain, ["chain"]);
  for (const [name, input] of Object.entries(inputs)) {
    if (input.chain !== undefined) add(input.chain, ["inputs", name, "chain"]);
  }
  return [...used.values()];
}

/** What a chain of this pack alone makes of a line. */
async function redactorOf({ file }: Pack): Promise<RedactLine> {
  const options = chainOptions.parse([{ redact: { pack: [file], on_unreadable: "text" } }]);
  const plugins = await loadPlugins(undefined, { used: new Set(["redact"]) });
  const chain = await compileChain(options, plugins, { log: silentLogger });
  return (line) => {
    const records = Records.ofOne(Buffer.from(line), {
      origin: { input: "pack", stream: file, metadata: {} },
      read_at_ms: 0,
    });
    const event = new LogEvent(records, 0, chain.scanner);
    const end = chain.runHere(event);
    // The one redact step splits nothing.
    return end instanceof Verdict ? `(${end.fate})` : event.text;
  };
}
