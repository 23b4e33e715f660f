/**
 * Whether records that are read again become the same events: then those that a crash has sent again keep their numbers.
 */
import { type ChainOptions, pluginOf } from "../../chain/options.ts";
import type { Chain } from "../../chain/chain.ts";
import type { Plugins } from "../../chain/plugins/load-plugins.ts";
import type { InputOptions } from "../../config/inputs.ts";
import { framings } from "../../inputs/framing/framings.ts";

/** Framings that put records together of what has come by some time. */
const timed_framings: ReadonlySet<string> = new Set<keyof typeof framings>([
  "auditd",
  "cri",
  "docker",
  "multiline",
]);

/** The function of conditions that gives the time. */
const now_call = /\bnow\s*\(/;

export function isRepeatable(
  options: InputOptions,
  steps: ChainOptions,
  { plugins, chain }: { plugins: Plugins; chain: Pick<Chain, "lists"> },
): boolean {
  if (!isReadAlike(options)) return false;
  // A list may have changed when it is read again.
  if (chain.lists.length > 0 || now_call.test(JSON.stringify(steps))) return false;
  return steps.every((step) => {
    const loaded = plugins.get(pluginOf(step));
    return loaded?.plugin.deterministic ?? loaded?.built_in === true;
  });
}

/** Whether the same records are there to be read again, and found in the same way. */
function isReadAlike(options: InputOptions): boolean {
  // Whoever gets a batch again has it among others.
  if (options.type === "nats") return false;
  // A journal that makes room may have given up what was read of it.
  if (options.type !== "file") return options.when_full !== "drop_oldest";
  const framing = Object.keys(options.framing);
  return options.flush_after === undefined && !framing.some((name) => timed_framings.has(name));
}
