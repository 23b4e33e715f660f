/**
 * The process of an isolated step as the chain sees it: it is asked with one event at a time, for a bounded time. When it does
 * not answer, takes too much memory, or ends, it is ended and started again, later each time.
 *
 * It is a process and not a thread since a thread cannot be ended in the middle of a large allocation, and one that V8 refuses
 * ends the whole process.
 */
import type { ChildProcess } from "node:child_process";
import type { Socket } from "node:net";
import { fileURLToPath } from "node:url";
import type { Clock } from "../../platform/clock.ts";
import type { Logger } from "../../platform/log.ts";
import { atMost } from "../../platform/patience.ts";
import { isolation_worker } from "../../platform/places.ts";
import { StepFailure } from "../../platform/step-failure.ts";
import { formatSize } from "../../platform/text/units.ts";
import { watchdog } from "../../platform/watchdog/watchdog.ts";
import type { Budget } from "../options.ts";
import { type BodySource, Channel, type Parcel } from "./channel.ts";
import {
  type IsolationMessage,
  type IsolationOrders,
  type IsolationReport,
  socket_descriptor,
} from "./orders.ts";
import { residentBytes, workOf } from "./process-facts.ts";

const memory_look_ms = 1000;
/** While an event is waited for. */
const wait_look_ms = 20;
/** One that the machine does not let work gets this many times its time, and no more than so much longer. */
const patience_factor = 10;
const patience_ms_max = 10_000;
/** After an answer it is looked so much later whether the process has ended meanwhile. */
const quiet_ms = 1;
const start_ms_max = 30_000;
/** Longer than its own step is given, which is logged. */
const dispose_ms_max = 6000;
const backoff_ms_min = 1000;
const backoff_ms_max = 10_000;
/** Who has worked so long is started again at once. */
const settled_ms = 60_000;

const ended_itself = "its plugin failed outside of an event";
const ended_on_event = "its process ended";

export interface ProcessDeps {
  readonly budget: Budget;
  readonly clock: Clock;
  readonly log: Logger;
  /** Takes what the plugin logs. */
  readonly onLog: (report: IsolationReport & { kind: "log" }) => void;
}

export class IsolatedProcess {
  readonly #orders: IsolationOrders;
  readonly #deps: ProcessDeps;
  #channel: Channel | undefined;
  #child: ChildProcess | undefined;
  /** `ending`: it has ended itself, and why is still to come. */
  #state: "starting" | "ready" | "ending" | "down" | "disposed" = "starting";
  /** Whoever makes the step hears of what goes wrong before. */
  #has_been_ready = false;
  /** Memory of a process that has loaded the plugin and nothing else. */
  #own_bytes = 0;
  /** As it was at the last look. */
  #resident_bytes = 0;
  #answered_ms = 0;
  #backoff_ms = 0;
  #started_ms = 0;
  /** Resolved when the next attempt to start has come to an end. */
  #attempt = Promise.withResolvers<void>();
  #disposed = Promise.withResolvers<void>();

  constructor(orders: IsolationOrders, deps: ProcessDeps) {
    this.#orders = orders;
    this.#deps = deps;
  }

  /** Starts it for the first time; gives its first report, or nothing where it is late or ends. */
  start(): Promise<IsolationReport | undefined> {
    return new Promise((resolve) => this.#start(resolve));
  }

  /** While it cannot take events: resolves when it has been tried to start it. */
  hold(): Promise<void> | undefined {
    const { clock } = this.#deps;
    // Between events that follow at once it has no time to end by itself, and to look costs something.
    if (this.#state === "ready" && clock.monotonic() - this.#answered_ms > quiet_ms) {
      if (this.#channel!.isEnded()) this.#endsItself();
    }
    return this.#state === "ready" || this.#state === "disposed"
      ? undefined
      : this.#attempt.promise;
  }

  /** Has it handle one event. Throws a StepFailure where it does not. */
  ask(head: string, body: BodySource): Parcel {
    const channel = this.#channel;
    if (this.#state !== "ready" || channel === undefined) {
      throw new StepFailure("its process does not run");
    }
    if (!channel.write(0, head, body)) {
      throw new StepFailure("the event is too long for an isolated step");
    }
    const wait = new Wait(this.#child!.pid!, this.#deps.budget, this.#resident_bytes);
    const failure = channel.send(wait.patience) ?? channel.receive(wait.patience);
    const answer = failure === undefined ? channel.take() : undefined;
    if (answer !== undefined) {
      this.#answered_ms = this.#deps.clock.monotonic();
      return answer;
    }
    if (failure === "ended") {
      this.#endsItself();
      throw new StepFailure(ended_on_event);
    }
    const why = wait.reason;
    this.#fault(this.#child, why);
    throw new StepFailure(why);
  }

  /** Ends it, after its own `dispose`. */
  async dispose(): Promise<void> {
    const was_ready = this.#state === "ready";
    this.#state = "disposed";
    this.#attempt.resolve();
    if (was_ready) {
      this.#post({ kind: "dispose" });
      await atMost(this.#disposed.promise, dispose_ms_max, this.#deps.clock);
    }
    this.#end();
  }

  #start(onFirst: (report: IsolationReport | undefined) => void): void {
    const { fork } = process.getBuiltinModule("node:child_process");
    // In a session of its own: a Ctrl-C in the terminal is for the agent, which asks the process for what is left.
    const child = fork(fileURLToPath(isolation_worker), [], {
      execArgv: ["--disable-warning=ExperimentalWarning"],
      detached: true,
      stdio: ["ignore", "inherit", "inherit", "ipc", "pipe"],
    });
    const socket = child.stdio[socket_descriptor] as Socket;
    // Whatever happens to it is seen when it is used.
    socket.on("error", () => undefined);
    socket.unref();
    this.#child = child;
    this.#channel = new Channel(() => descriptorOf(socket));
    this.#state = "starting";
    this.#started_ms = this.#deps.clock.monotonic();
    const fail = (why: string): void => {
      onFirst(undefined);
      if (this.#has_been_ready) this.#fault(child, why);
    };
    this.#deps.clock.after(start_ms_max, () => {
      if (this.#child === child && this.#state === "starting") fail("it did not start in time");
    });
    child.on("message", (report: IsolationReport) => {
      // Who waits for its start has nothing else to do; later nobody runs on for it.
      child.unref();
      child.channel?.unref();
      if (this.#child === child) this.#take(report, onFirst);
    });
    child.on("error", () => fail("its process cannot be started"));
    // What it has reported before comes first.
    child.on("exit", () => {
      if (child.connected) child.once("disconnect", () => fail(ended_itself));
      else fail(ended_itself);
    });
    this.#post({ kind: "start", orders: this.#orders, parent: process.pid });
  }

  #take(report: IsolationReport, onFirst: (report: IsolationReport) => void): void {
    if (report.kind === "log") return this.#deps.onLog(report);
    if (report.kind === "uncaught") {
      const { error, at } = report;
      if (this.#has_been_ready)
        this.#fault(this.#child, `it threw ${error} outside of an event`, at);
      return;
    }
    if (report.kind === "disposed") return this.#disposed.resolve();
    if (report.kind === "ready") {
      this.#own_bytes = residentBytes(this.#child!.pid!);
      this.#resident_bytes = this.#own_bytes;
      this.#state = "ready";
      this.#has_been_ready = true;
      this.#attempt.resolve();
      this.#lookAtMemory(this.#child!);
    }
    onFirst(report);
    if (report.kind === "refused" && this.#has_been_ready) {
      this.#fault(this.#child, "its plugin has changed, or does not load any more");
    }
  }

  /** Ends a process that has failed, and starts the next one after a while. */
  #fault(child: ChildProcess | undefined, why: string, at?: readonly string[]): void {
    if (child === undefined || this.#child !== child) return;
    const { clock, log } = this.#deps;
    if (this.#state === "starting") this.#attempt.resolve();
    if (this.#state !== "ending") this.#attempt = Promise.withResolvers();
    const has_settled = clock.monotonic() - this.#started_ms >= settled_ms;
    const wait_ms = has_settled ? 0 : this.#backoff_ms;
    this.#backoff_ms = Math.min(Math.max(2 * wait_ms, backoff_ms_min), backoff_ms_max);
    this.#end();
    this.#disposed.resolve();
    if (this.#state === "disposed") return;
    this.#state = "down";
    const { step, plugin } = this.#orders;
    const facts = { step, plugin, reason: why, at, restart_in_ms: wait_ms };
    const sentence =
      "The process of an isolated step failed. It is started again; its input waits.";
    log.error("isolated_step_failed", facts, sentence);
    this.#deps.clock.after(wait_ms, () => {
      if (this.#state === "down") this.#start(() => undefined);
    });
  }

  /** It says why, and then its end is noticed. */
  #endsItself(): void {
    this.#state = "ending";
    this.#attempt = Promise.withResolvers();
  }

  #end(): void {
    const child = this.#child;
    this.#child = undefined;
    this.#channel = undefined;
    child?.kill("SIGKILL");
    (child?.stdio[socket_descriptor] as Socket | undefined)?.destroy();
  }

  #lookAtMemory(child: ChildProcess): void {
    this.#deps.clock.after(memory_look_ms, () => {
      if (this.#child !== child) return;
      const { memory } = this.#deps.budget;
      this.#resident_bytes = residentBytes(child.pid!);
      if (this.#resident_bytes - this.#own_bytes > memory) {
        this.#fault(child, tooMuch(memory));
      } else this.#lookAtMemory(child);
    });
  }

  #post(message: IsolationMessage): void {
    this.#child?.send(message, () => undefined);
  }
}

/** The wait for the answer to one event. */
class Wait {
  readonly #pid: number;
  readonly #budget: Budget;
  readonly #resident_bytes: number;
  #waited_ms = 0;
  #looked_ms = 0;
  #spent_ms: number | undefined;
  #has_too_much = false;

  /** What it takes beyond `resident_bytes`, it takes for this event. */
  constructor(pid: number, budget: Budget, resident_bytes: number) {
    this.#pid = pid;
    this.#budget = budget;
    this.#resident_bytes = resident_bytes;
  }

  /** Why there is no more patience. */
  get reason(): string {
    const { timeout, memory } = this.#budget;
    return this.#has_too_much ? tooMuch(memory) : `it did not return within ${timeout} ms`;
  }

  /** Counts what was waited, not the time: a process that is stopped or frozen meanwhile loses nothing. */
  readonly patience = (nap_ms: number): boolean => {
    this.#waited_ms += nap_ms;
    if (this.#waited_ms - this.#looked_ms < wait_look_ms) return true;
    this.#looked_ms = this.#waited_ms;
    // The process has a bounded time, so the watchdog need not take the wait for a hang.
    watchdog.beat();
    const { timeout, memory } = this.#budget;
    this.#has_too_much = residentBytes(this.#pid) - this.#resident_bytes > memory;
    if (this.#has_too_much) return false;
    const { spent_ms, is_running } = workOf(this.#pid);
    this.#spent_ms ??= spent_ms;
    if (this.#waited_ms < timeout) return true;
    const most_ms = Math.min(patience_factor * timeout, timeout + patience_ms_max);
    // A busy machine may not let it work: then only what it has worked counts.
    const is_starved = is_running && spent_ms - this.#spent_ms < timeout;
    return is_starved && this.#waited_ms < most_ms;
  };
}

function tooMuch(memory: number): string {
  return `it uses more than ${formatSize(memory)} of memory`;
}

/** Node gives the descriptor of a socket in no other way; it is none where the socket is closed. */
function descriptorOf(socket: Socket): number {
  const { _handle: handle } = socket as unknown as { _handle?: { fd: number } | null };
  return handle?.fd ?? -1;
}
