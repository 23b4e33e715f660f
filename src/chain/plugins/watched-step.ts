/**
 * A step of a plugin from plugins_dir, whose calls the watchdog sees. An event on which it hung before is not given to it
 * again.
 */
import { createHash } from "node:crypto";
import type { LogEvent } from "../../event/log-event.ts";
import type { Records } from "../../event/block.ts";
import { Verdict } from "../../event/event.ts";
import { watchdog } from "../../platform/watchdog/watchdog.ts";
import type { Handle } from "../../plugin.ts";
import type { CreatedStep } from "./created-step.ts";
import { partsOf } from "./parts.ts";
import type { LoadedPlugin } from "./load-plugins.ts";
import { reasons } from "./failure.ts";

const hung_detail = "the step hung on this event before; tallyman was restarted";

/** The step as the chain is to call it. */
export function watched(
  created: CreatedStep,
  loaded: LoadedPlugin,
  { step, options, on_error }: { step: string; options: unknown; on_error: "quarantine" | "drop" },
): CreatedStep {
  const { plugin, file } = loaded;
  const code = codeOf(loaded, options);
  const watch = watchdog.step({ kind: "step", step, plugin: plugin.name, file, code });
  if (watch === undefined) return created;
  const fate = on_error === "drop" ? "dropped" : "quarantined";
  const hung = new Verdict(fate, reasons.hung(step), hung_detail);
  const handle: Handle = (given) => {
    const event = given as LogEvent<Records>;
    if (watch.hungOn(event)) return hung;
    watch.begin(event);
    try {
      const answer = created.handle(event);
      // What a getter of an object in the record does, is done here.
      event.commit();
      if (answer === event || answer === null || answer instanceof Verdict) return answer;
      return partsOf(event, answer) ?? answer;
    } finally {
      watch.end();
    }
  };
  return { ...created, handle };
}

/** What a step hung on stays known as long as this is the same: the plugin's files, and the step's options. */
export function codeOf({ sha256, imports }: LoadedPlugin, options: unknown): string {
  const code = createHash("sha256").update(sha256);
  for (const each of [...imports.values()].sort()) code.update(each);
  return code.update(JSON.stringify(options) ?? "").digest("hex");
}
