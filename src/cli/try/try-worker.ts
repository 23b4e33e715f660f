/**
 * The process in which the agent's page tries an event: the same preview as `tallyman try`, of the configuration in force. It sends
 * nothing and writes nothing, and what it reports has no secrets in it.
 */
import { randomBytes } from "node:crypto";
import { Readable } from "node:stream";
import type { TriedEvent, TryReport } from "../../admin/web/tried-event.ts";
import type { TrialStart, TrialOrders } from "../../agent/status/event-trials.ts";
import { digestOf } from "../../agent/setup/compile.ts";
import { loadConfig } from "../../config/load.ts";
import type { InputOptions } from "../../config/inputs.ts";
import type { Records } from "../../event/block.ts";
import { systemClock } from "../../platform/clock.ts";
import { TallymanError } from "../../platform/errors.ts";
import { becomePluginProcess } from "../../platform/process/plugin-process.ts";
import { endProcess } from "../../platform/process/process-guard.ts";
import { Preview, pluginsOf } from "../../preview/run/preview.ts";
import { readingOptionsOf } from "../../preview/reading/log-reading.ts";
import { readStream } from "../../preview/reading/read-stream.ts";
import { Hiding } from "../../preview/secrets/hiding.ts";
import { ShapedSecrets } from "../../preview/secrets/shaped-secrets.ts";
import { shownEvent } from "./shown-event.ts";

/** Of the events that are shown. */
const events_max = 20;

/** As it was before a plugin was loaded. */
const send = process.send!.bind(process);

process.on("disconnect", () => endProcess(0));
process.on("message", ({ orders, parent }: TrialStart) => {
  becomePluginProcess(parent);
  void report(orders);
});

async function tryEvent(orders: TrialOrders): Promise<TryReport> {
  const config = await loadConfig(orders.config_file);
  const plugins = await pluginsOf(config);
  if (digestOf(config, plugins) !== orders.digest) {
    const message =
      "The configuration or a plugin has changed since it was loaded. Reload it, so that what is tried is what is in force.";
    return { kind: "refused", message };
  }
  const options = Object.hasOwn(config.inputs, orders.input) && config.inputs[orders.input];
  if (!options) {
    return { kind: "refused", message: `There is no input "${orders.input}".` };
  }
  const preview = await Preview.open(config, { plugins, only: orders.input });
  try {
    return await tryWith(preview, options, orders);
  } finally {
    // Isolated steps have processes of their own.
    await preview.close();
  }
}

async function tryWith(
  preview: Preview,
  options: InputOptions,
  orders: TrialOrders,
): Promise<TryReport> {
  const shaped = await ShapedSecrets.create();
  const mask = (text: string): string => preview.mask(text);
  const hiding = new Hiding({ key: randomBytes(16), mask, shaped, reveals: false });
  const run = preview.runOf(orders.input);
  const events: TriedEvent[] = [];
  let others = 0;
  const take = (records: Records): Promise<boolean> => {
    for (let number = 0; number < records.count; number += 1) {
      for (const outcome of run.run(records, number, true)) {
        if (events.length < events_max) events.push(shownEvent(outcome, hiding));
        else others += 1;
      }
    }
    return Promise.resolve(true);
  };
  // A last line without an end is meant to be one.
  const text = orders.text.endsWith("\n") ? orders.text : `${orders.text}\n`;
  await readStream(Readable.from([Buffer.from(text)]), {
    ...readingOptionsOf(options),
    origin: run.originOf("page"),
    clock: systemClock,
    take,
  });
  return { kind: "tried", events, others };
}

/** Ends the process when it has reported. */
async function report(orders: TrialOrders): Promise<void> {
  const answer = await tryEvent(orders).catch((thrown: unknown): TryReport => {
    // Any other error may hold some of the event.
    const message =
      thrown instanceof TallymanError ? thrown.message : "The event could not be tried.";
    return { kind: "refused", message };
  });
  send(answer, undefined, {}, () => endProcess(0));
}
