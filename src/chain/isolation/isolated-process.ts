/**
 * The process of an isolated step as the chain sees it: it is asked with one event at a time, for a bounded time. When it does
 * not answer, takes too much memory, or ends, it is ended and started again, later each time.
 *
 * It is a process and not a thread since a thread cannot be ended in the middle of a large allocation, and one that V8 refuses
 * ends the whole process.
 */
import type { ChildProcess } from "node:child_process";
import type { Socket } from "node:net";
import type { Clock } from "../../platform/clock.ts";
import type { Logger } from "../../platform/log.ts";
import { atMost } from "../../platform/patience.ts";
import { StepFailure } from "../../platform/step-failure.ts";
import type { ListState } from "../lists/file-list.ts";
import type { Budget } from "../options.ts";
import { type BodySource, Channel, type Parcel } from "./channel.ts";
import { EventWait, tooMuch } from "./event-wait.ts";
import {
  type FirstReport,
  type IsolationMessage,
  type IsolationOrders,
  type IsolationReport,
  socket_descriptor,
} from "./orders.ts";
import { residentBytes } from "./process-facts.ts";
import { startChild } from "./start-child.ts";

const memory_look_ms = 1000;
/** After an answer it is looked so much later whether the process has ended meanwhile. */
const quiet_ms = 1;
const start_ms_max = 30_000;
/** Between the end of its socket and its own. */
const ending_ms_max = 1000;
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
  /** Takes how many lines it has logged beside that. */
  readonly onLeftOut: (lines: number) => void;
  /** Takes what becomes of the files that it reads. */
  readonly onList: (list: ListState) => void;
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

  /** Starts it for the first time; gives its first report, or why there is none. */
  start(): Promise<FirstReport | string> {
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
    const wait = new EventWait(this.#child!.pid!, this.#deps.budget, this.#resident_bytes);
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

  #start(onFirst: (first: FirstReport | string) => void): void {
    const started = startChild((code) => fail(`its process cannot be started: ${code}`));
    const { child, socket } = started ?? {};
    const fail = (why: string): void => {
      onFirst(why);
      if (this.#has_been_ready) this.#fault(child, why);
    };
    this.#child = child;
    this.#channel = socket && new Channel(() => descriptorOf(socket));
    this.#state = "starting";
    this.#started_ms = this.#deps.clock.monotonic();
    if (child === undefined) return;
    this.#deps.clock.after(start_ms_max, () => {
      if (this.#child === child && this.#state === "starting") fail("it did not start in time");
    });
    child.on("message", (report: IsolationReport) => {
      // Who waits for its start has nothing else to do; later nobody runs on for it.
      child.unref();
      child.channel?.unref();
      if (this.#child === child) this.#take(report, onFirst);
    });
    // What it has reported before comes first.
    child.on("exit", () => {
      if (child.connected) child.once("disconnect", () => fail(ended_itself));
      else fail(ended_itself);
    });
    this.#post({ kind: "start", orders: this.#orders, parent: process.pid });
  }

  #take(report: IsolationReport, onFirst: (report: FirstReport) => void): void {
    if (report.kind === "log") return this.#deps.onLog(report);
    if (report.kind === "left_out") return this.#deps.onLeftOut(report.lines);
    if (report.kind === "list") return this.#deps.onList(report.list);
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
    if (this.#child !== child) return;
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

  /** It says why, and then its end is noticed. One that has only closed its socket is ended. */
  #endsItself(): void {
    const child = this.#child;
    this.#state = "ending";
    this.#attempt = Promise.withResolvers();
    this.#deps.clock.after(ending_ms_max, () => this.#fault(child, ended_itself));
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

/** Node gives the descriptor of a socket in no other way; it is none where the socket is closed. */
function descriptorOf(socket: Socket): number {
  const { _handle: handle } = socket as unknown as { _handle?: { fd: number } | null };
  return handle?.fd ?? -1;
}
