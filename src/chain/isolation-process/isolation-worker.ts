/**
 * The process of an isolated step: loads the plugin, makes the step, and handles one event after the other.
 *
 * Between events timers and promises of the plugin have their turn; while they do, an event waits for them.
 */
import { writeFileSync } from "node:fs";
import { Socket } from "node:net";
import { Worker } from "node:worker_threads";
import { TallymanError, traceOf } from "../../platform/errors.ts";
import { endProcess, guardProcess } from "../../platform/process/process-guard.ts";
import { Channel } from "../isolation/channel.ts";
import {
  type IsolationMessage,
  type IsolationOrders,
  type IsolationReport,
  socket_descriptor,
} from "../isolation/orders.ts";
import { ServedStep } from "./served-step.ts";

/**
 * An agent, or a thread of it, that is gone cannot end a plugin that loops; so another thread of this process does, within a
 * second. To write nothing to a socket fails where the other end is closed.
 */
const orphan_guard = `
  const { writeSync } = require("node:fs");
  const never = new Int32Array(new SharedArrayBuffer(4));
  const nothing = Buffer.alloc(0);
  try {
    for (;; Atomics.wait(never, 0, 0, 1000)) writeSync(${socket_descriptor}, nothing);
  } catch {
    process.kill(process.pid, "SIGKILL");
  }
`;

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
  if (message.kind === "start") void start(message.orders);
  else void made.promise.then((step) => step.dispose()).then(() => report({ kind: "disposed" }));
});

/** Never rejects but for what ends the process. */
async function start(orders: IsolationOrders): Promise<void> {
  new Worker(orphan_guard, { eval: true, execArgv: [] }).unref();
  dieFirst();
  guardProcess();
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

/** Where the machine, or the service, has no memory left, the system ends this process rather than the agent. */
function dieFirst(): void {
  try {
    writeFileSync("/proc/self/oom_score_adj", "1000");
  } catch {
    // Then the system chooses the largest, which is this one if it is at fault.
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
