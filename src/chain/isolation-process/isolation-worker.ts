/**
 * The process of an isolated step: loads the plugin, makes the step, and handles one event after the other.
 *
 * Between events timers and promises of the plugin have their turn; while they do, an event waits for them.
 */
import { Socket } from "node:net";
import { TallymanError, traceOf } from "../../platform/errors.ts";
import { becomePluginProcess } from "../../platform/process/plugin-process.ts";
import { endProcess } from "../../platform/process/process-guard.ts";
import { Channel } from "../isolation/channel.ts";
import {
  type IsolationMessage,
  type IsolationOrders,
  type IsolationReport,
  socket_descriptor,
} from "../isolation/orders.ts";
import { ServedStep } from "./served-step.ts";

/** As they were before the plugin was loaded. */
const send = process.send!.bind(process);
const made = Promise.withResolvers<ServedStep>();

process.on("uncaughtException", (thrown: unknown) => {
  // Its message may hold content of an event.
  report({ kind: "uncaught", ...traceOf(thrown) });
  endProcess(1);
});
process.on("disconnect", () => endProcess(0));
process.on("message", (message: IsolationMessage) => {
  if (message.kind === "start") void start(message.orders, message.parent);
  else void made.promise.then((step) => step.dispose()).then(() => report({ kind: "disposed" }));
});

/** Never rejects but for what ends the process. */
async function start(orders: IsolationOrders, parent: number): Promise<void> {
  becomePluginProcess(parent);
  // As it is without isolation. Libraries that find it tell whoever has started them that they are ready.
  delete process.send;
  try {
    const step = await ServedStep.make(orders, report);
    serve(step);
    made.resolve(step);
    for (const list of step.lists) report({ kind: "list", list });
    report({ kind: "ready", outputs: step.outputs, secrets: step.secrets });
  } catch (thrown) {
    if (!(thrown instanceof TallymanError)) throw thrown;
    report({ kind: "refused", complaints: thrown.details.complaints ?? [] });
  }
}

/** Handles each event that comes. */
function serve(served: ServedStep): void {
  const channel = new Channel(() => socket_descriptor);
  const socket = new Socket({ fd: socket_descriptor, readable: true, writable: true });
  socket.on("error", () => endProcess(0));
  socket.on("end", () => endProcess(0));
  socket.on("data", (bytes: Buffer) => {
    channel.push(bytes);
    const parcel = channel.take();
    if (parcel === undefined) return;
    served.handle(parcel, channel);
    if (channel.send(() => true) !== undefined) endProcess(0);
  });
}

function report(what: IsolationReport): void {
  send(what);
}
