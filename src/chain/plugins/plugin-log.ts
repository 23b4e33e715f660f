/**
 * What plugins log: lines with codes of tallyman's own, and the name of the step.
 */
import type { LogFacts, Logger } from "../../platform/log.ts";
import type { PluginContext } from "../../plugin.ts";

/** The log that the plugin of a step is given. */
export function pluginLog(log: Logger, step: string): PluginContext["log"] {
  return {
    info: (facts, message) => log.info("plugin_message", factsOf(facts, step), message),
    warn: (facts, message) => log.warn("plugin_warning", factsOf(facts, step), message),
  };
}

/** A name that is tallyman's own stands for the plugin's after `plugin_`. */
function factsOf(facts: object, step: string): LogFacts {
  const entries = Object.entries({ ...facts }).map(([name, value]): [string, unknown] => [
    own_facts.has(name) ? `plugin_${name}` : name,
    value,
  ]);
  return { ...Object.fromEntries(entries), step };
}

/** What every line has, or every line of a step. */
const own_facts: ReadonlySet<string> = new Set(["level", "time", "code", "msg", "step"]);
