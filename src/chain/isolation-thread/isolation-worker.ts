/**
 * The thread of an isolated step: loads the plugin, makes the step, and handles one event after the other.
 *
 * Between events it waits a moment for the next one, and then goes back to its event loop, so that timers and promises of
 * the plugin have their turn; while they do, an event waits for them.
 */
import { parentPort, workerData } from "node:worker_threads";
import { TallymanError, traceOf } from "../../platform/errors.ts";
import { endProcess, guardProcess } from "../../platform/process/process-guard.ts";
import { systemClock } from "../../platform/clock.ts";
import { Channel } from "../isolation/channel.ts";
import type { IsolationMessage, IsolationOrders, IsolationReport } from "../isolation/orders.ts";
import { ServedStep } from "./served-step.ts";

/** How long it waits, blocking, for the next event. */
const wait_ms = 2;
/** How long it handles events until timers have their turn. */
const turn_ms = 10;

const port = parentPort!;
const orders = workerData as IsolationOrders;
const channel = new Channel(orders.memory);
endOnUncaught();
guardProcess();
try {
  const step = await ServedStep.make(orders, report);
  port.on("message", (message: IsolationMessage) => {
    channel.sleeps(false);
    if (message === "wake") void serve(step);
    else void step.dispose().then(() => report({ kind: "disposed" }));
  });
  report({ kind: "ready", outputs: step.outputs, secrets: step.secrets });
  await serve(step);
} catch (thrown) {
  if (!(thrown instanceof TallymanError)) throw thrown;
  report({ kind: "refused", complaints: thrown.details.complaints ?? [] });
}

/** Handles events while there are some. */
async function serve(step: ServedStep): Promise<void> {
  for (;;) {
    const began_ms = systemClock.monotonic();
    while (channel.isAsked(wait_ms)) {
      step.handle(channel);
      channel.answer();
      if (systemClock.monotonic() - began_ms > turn_ms) break;
    }
    await systemClock.sleep(0);
    if (channel.isAsked(0)) continue;
    channel.sleeps(true);
    // It may have been asked before it was seen to sleep.
    if (!channel.isAsked(0)) return;
    channel.sleeps(false);
  }
}

function report(what: IsolationReport): void {
  port.postMessage(what, []);
}

/** What a timer or promise of the plugin throws ends the thread; its message may hold content of an event. */
function endOnUncaught(): void {
  process.on("uncaughtException", (thrown: unknown) => {
    report({ kind: "uncaught", ...traceOf(thrown) });
    channel.end();
    endProcess(1);
  });
}
