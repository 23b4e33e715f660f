/**
 * Runs a soak: starts everybody, lets the incidents happen, samples what the agent uses, and waits for the last event.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { AgentUnderSoak, readMetrics } from "./agent.ts";
import { writeConfiguration, type SoakPlaces } from "./configuration.ts";
import { removeShipped } from "./disk.ts";
import type { Books } from "../../src/ledger/books.ts";
import { mayRepeat, nameOf, plan, type Incident } from "./incidents.ts";
import { SinkProcess, WriterProcess } from "./processes.ts";
import { socket_numbers_from } from "./sequence-counts.ts";
import { gaugeOf, highOf, Life, type Sample } from "./samples.ts";
import type { SinkTotals } from "./sink.ts";
import { SocketSender } from "./socket-sender.ts";

const sample_ms = 1000;
/** Of each so many samples one asks for the metrics, too. */
const metrics_every = 5;
/** The share of the events that goes over the socket. */
const socket_share = 0.1;
const outage_ms_max = 15_000;
const outage_ms_min = 2000;
const rotate_ms_max = 20_000;
const rotate_ms_min = 2000;
/** The writer waits while more than this lies on the disk, until it is half of it. */
const disk_bytes_max = 8e9;
/** The writer says only once a second how far it is. */
const recovery_ms_min = 2000;
/** How long it may take until what is written has arrived, after an incident and at the end. */
const settling_ms_max = 120_000;

export interface SoakOptions {
  directory: string;
  minutes: number;
  per_second: number;
}

export interface IncidentReport {
  at_s: number;
  name: string;
  may_repeat: boolean;
  /** Events that came twice from its beginning to that of the next one. */
  repeats: { file: number; socket: number };
}

export interface SoakResult {
  lives: Life[];
  incidents: IncidentReport[];
  totals: SinkTotals;
  /** As the last agent logged them at its end. */
  books: Books | undefined;
  exit_status: number | string;
  written: number;
  rotations: number;
  /** Events over the socket: known to be kept, and sent again. */
  kept: number;
  resent: number;
  kills: number;
  disk_bytes_most: number;
  /** Whether the writer had to wait for room on the disk. */
  held: boolean;
  /** For how long was written. */
  writing_seconds: number;
  /** Messages of warnings and errors, of all lives. */
  complaints: Map<string, number>;
}

export class Conductor {
  readonly #options: SoakOptions;
  readonly #places: SoakPlaces;
  readonly #sink: SinkProcess;
  readonly #lives: Life[] = [];
  readonly #incidents: IncidentReport[] = [];
  readonly #complaints = new Map<string, number>();
  #agent!: AgentUnderSoak;
  /** Of the agent's process; undefined while it starts or ends. */
  #life: Life | undefined;
  #configuration = 0;
  #interruptions = 0;
  #kills = 0;
  #disk_bytes_most = 0;
  #held = false;
  #was_held = false;
  /** Whether something did not arrive after an incident, so that nothing is waited for any more but at the end. */
  #is_behind = false;
  readonly #ended = new AbortController();
  /** Why the soak cannot go on. */
  readonly #failure = Promise.withResolvers<never>();

  private constructor(options: SoakOptions, sink: SinkProcess) {
    const { directory } = options;
    this.#options = options;
    this.#sink = sink;
    this.#failure.promise.catch(() => undefined);
    this.#places = {
      directory: join(directory, "logs"),
      state_dir: join(directory, "state"),
      socket: join(directory, "audit.sock"),
      config_file: join(directory, "config.yaml"),
      port: sink.port,
    };
    mkdirSync(this.#places.directory);
  }

  static async run(options: SoakOptions): Promise<SoakResult> {
    const sink = await SinkProcess.start();
    const conductor = new Conductor(options, sink);
    try {
      return await conductor.#run();
    } finally {
      conductor.#ended.abort();
      sink.stop();
      if (conductor.#agent.alive) conductor.#agent.signal("SIGKILL");
    }
  }

  async #run(): Promise<SoakResult> {
    const { minutes, per_second } = this.#options;
    const rotate_every_ms = between(rotate_ms_min, minutes * 1000, rotate_ms_max);
    writeConfiguration(this.#places, this.#configuration);
    await this.#startAgent();
    const { directory, socket } = this.#places;
    const in_file = Math.round(per_second * (1 - socket_share));
    const begun_ms = performance.now();
    const writer = new WriterProcess({ directory, per_second: in_file, rotate_every_ms });
    const sender = new SocketSender({
      path: socket,
      per_second: Math.round(per_second * socket_share),
      interruptions: () => this.#interruptions,
    });
    try {
      const sampling = this.#sample(writer);
      const happened = this.#letThingsHappen(() => writer.report.written);
      await Promise.race([happened, this.#failure.promise]);
      const { written, rotations } = await writer.end();
      const writing_seconds = (performance.now() - begun_ms) / 1000;
      await Promise.race([sender.end(), this.#failure.promise]);
      const { kept, resent } = sender;
      await Promise.race([this.#settle(written, kept), this.#failure.promise]);
      this.#ended.abort();
      await sampling;
      const exit_status = await this.#endAgent("SIGTERM");
      const totals = await this.#sink.totals();
      await this.#noteRepeats();
      return {
        lives: this.#lives,
        incidents: this.#incidents,
        totals,
        books: this.#agent.books,
        exit_status,
        written,
        rotations,
        kept,
        resent,
        kills: this.#kills,
        disk_bytes_most: this.#disk_bytes_most,
        held: this.#was_held,
        writing_seconds,
        complaints: this.#complaints,
      };
    } finally {
      writer.stop();
    }
  }

  async #letThingsHappen(written: () => number): Promise<void> {
    const whole_ms = this.#options.minutes * 60_000;
    const begun_ms = performance.now();
    for (const { at, incident } of plan) {
      await delay(Math.max(0, begun_ms + at * whole_ms - performance.now()));
      await this.#noteRepeats();
      const at_s = Math.round((performance.now() - begun_ms) / 1000);
      console.log(`${String(at_s).padStart(5)} s  ${nameOf(incident)}`);
      this.#incidents.push({
        at_s,
        name: nameOf(incident),
        may_repeat: mayRepeat(incident),
        repeats: await this.#repeats(),
      });
      await this.#letHappen(incident);
      // So that what an incident repeats is not taken for the doing of the next one: what is written from now on arrives
      // only after that.
      await delay(recovery_ms_min);
      const has_arrived = this.#is_behind || (await this.#settle(written(), 0));
      this.#is_behind ||= !has_arrived;
    }
    await delay(Math.max(0, begun_ms + whole_ms - performance.now()));
  }

  async #letHappen(incident: Incident): Promise<void> {
    switch (incident.kind) {
      case "outage": {
        const whole_ms = between(outage_ms_min, this.#options.minutes * 750, outage_ms_max);
        await this.#sink.become(incident.mode);
        await delay(whole_ms / 2);
        if (incident.meanwhile === "kill") await this.#restart("SIGKILL");
        if (incident.meanwhile === "reload") await this.#reload([true]);
        await delay(whole_ms / 2);
        await this.#sink.become("normal");
        return;
      }
      case "reset":
        await this.#sink.become("reset");
        return;
      case "kill":
        return this.#restart("SIGKILL");
      case "stop":
        return this.#restart("SIGTERM");
      case "reload":
        return this.#reload(incident.configurations.map((each) => each === "valid"));
      default:
        incident satisfies never;
    }
  }

  async #reload(configurations: readonly boolean[]): Promise<void> {
    for (const is_valid of configurations) {
      this.#configuration += 1;
      writeConfiguration(this.#places, this.#configuration, is_valid);
      this.#agent.signal("SIGHUP");
      await delay(sample_ms / 4);
    }
  }

  async #restart(signal: "SIGTERM" | "SIGKILL"): Promise<void> {
    const status = await this.#endAgent(signal);
    if (signal === "SIGTERM" && status !== 0) this.#fail(`SIGTERM ended the agent with ${status}`);
    await this.#startAgent();
  }

  async #endAgent(signal: "SIGTERM" | "SIGKILL"): Promise<number | string> {
    this.#interruptions += 1;
    this.#life = undefined;
    if (signal === "SIGKILL") this.#kills += 1;
    const status = await this.#agent.ended(signal);
    this.#interruptions += 1;
    for (const [code, count] of this.#agent.counts) {
      this.#complaints.set(code, (this.#complaints.get(code) ?? 0) + count);
    }
    return status;
  }

  async #startAgent(): Promise<void> {
    this.#agent = new AgentUnderSoak(this.#places.config_file);
    await this.#agent.running();
    this.#life = new Life(this.#lives.length + 1);
    this.#lives.push(this.#life);
  }

  /** Waits until so many events of the files, and over the socket, have arrived; not for ever. Says whether they have. */
  async #settle(written: number, kept: number): Promise<boolean> {
    const until_ms = performance.now() + settling_ms_max;
    for (;;) {
      const { file, socket } = await this.#sink.totals();
      // The last number may be one that the filter ends.
      const socket_complete = socket.complete_to - socket_numbers_from;
      if (file.complete_to + 1 >= written && socket_complete + 1 >= kept) return true;
      if (performance.now() > until_ms) return false;
      await delay(sample_ms / 4);
    }
  }

  async #sample(writer: WriterProcess): Promise<void> {
    const metrics_socket = join(this.#places.state_dir, "admin.sock");
    for (let number = 0; !this.#ended.signal.aborted; number += 1) {
      const agent = this.#agent;
      const metrics = number % metrics_every === 0 ? await readMetrics(metrics_socket) : "";
      const use = agent.use();
      if (use !== undefined && agent === this.#agent && this.#life !== undefined) {
        const sample: Sample = {
          ...use,
          at_ms: performance.now(),
          heap_mb: inMB(gaugeOf(metrics, "nodejs_heap_size_used_bytes")),
          loop_delay_ms: inMs(highOf(metrics, "tallyman_event_loop_delay_seconds")),
        };
        this.#life.samples.push(sample);
      }
      if (!agent.alive && agent === this.#agent && this.#life !== undefined) {
        this.#fail(`the agent ended by itself:\n${agent.complaints.join("\n")}`);
      }
      await this.#watchDisk(writer);
      await delay(sample_ms);
    }
  }

  async #watchDisk(writer: WriterProcess): Promise<void> {
    const bytes = await removeShipped(this.#places.directory, this.#places.state_dir);
    this.#disk_bytes_most = Math.max(this.#disk_bytes_most, bytes);
    const is_held = bytes > (this.#held ? disk_bytes_max / 2 : disk_bytes_max);
    if (is_held !== this.#held) writer.hold(is_held);
    this.#held = is_held;
    this.#was_held ||= is_held;
  }

  async #repeats(): Promise<IncidentReport["repeats"]> {
    const { file, socket } = await this.#sink.totals();
    return { file: file.repeats, socket: socket.repeats };
  }

  /** Ends the count of the last incident. */
  async #noteRepeats(): Promise<void> {
    const last = this.#incidents.at(-1);
    if (last === undefined) return;
    const { file, socket } = await this.#repeats();
    last.repeats = { file: file - last.repeats.file, socket: socket - last.repeats.socket };
  }

  #fail(why: string): void {
    this.#failure.reject(new Error(why));
  }
}

function between(min: number, value: number, max: number): number {
  return Math.min(max, Math.max(min, value));
}

function inMB(bytes: number | undefined): number | undefined {
  return bytes === undefined ? undefined : bytes / 1e6;
}

function inMs(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : seconds * 1000;
}
