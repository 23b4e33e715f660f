/**
 * Collects what the agent reports about itself, from the components that know it.
 *
 * What is asked of the file system may hang; then it is left out, and said to be unknown.
 */
import { stat, statfs } from "node:fs/promises";
import type { ReloadStatus, AgentState, OutputReport, Status } from "../../admin/status/status.ts";
import type { Config } from "../../config/config.ts";
import { outputsOf } from "../../config/outputs.ts";
import type { Books } from "../../ledger/books.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import type { Output, OutputCondition } from "../../output/output.ts";
import { quarantineDirectory, quarantineFiles } from "../../output/quarantine/lines.ts";
import {
  isSplunkHecStatus,
  type EndpointStatus,
  type SplunkHecStatus,
} from "../../output/splunk-hec/delivery/status.ts";
import type { Clock } from "../../platform/clock.ts";
import { descriptorsMax, descriptorsOpen } from "../../platform/process/descriptors.ts";
import { SharedLook } from "../../platform/shared-look.ts";
import { version } from "../../platform/version.ts";
import type { CompiledInput } from "../setup/compile.ts";
import { EventLoopDelay } from "./event-loop-delay.ts";
import { inputStatuses } from "./input-status.ts";
import { RateKeeper } from "./rates.ts";
import { summaryOf, type ReloadOutcome } from "../setup/reloads.ts";
import type { SourceStatus } from "../sources/source.ts";

/** How long a look at files may take until a status goes without it, and until the agent counts as not working. */
const look_wait_ms_max = 2000;
const fault_wait_ms = 10_000;

/** What is in force now. */
export interface AgentParts {
  readonly state: AgentState;
  readonly config: Config;
  readonly config_digest: string;
  readonly last_reload: ReloadOutcome | undefined;
  readonly inputs: readonly CompiledInput[];
  readonly sources: ReadonlyMap<string, SourceStatus>;
  readonly outputs: readonly Output[];
  readonly ledger: Ledger;
  /** Whether the state could not be written when that was tried last. */
  readonly write_failing: boolean;
}

interface Storage {
  readonly quarantine_bytes: number;
  readonly free_bytes: number;
  readonly size_bytes: number;
}

export class StatusCollector {
  readonly #clock: Clock;
  readonly #parts: () => AgentParts;
  readonly #delay: EventLoopDelay;
  readonly #rates: RateKeeper;
  readonly #storage: SharedLook<Storage | undefined>;
  readonly #sockets: SharedLook<ReadonlySet<string>>;
  readonly #started_ms: number;
  readonly #started_monotonic_ms: number;

  constructor(clock: Clock, parts: () => AgentParts, books: () => Books) {
    this.#clock = clock;
    this.#parts = parts;
    this.#delay = new EventLoopDelay(clock);
    this.#rates = new RateKeeper(clock, books);
    this.#started_ms = clock.now();
    this.#started_monotonic_ms = clock.monotonic();
    const look = (): Promise<Storage | undefined> => lookAtStorage(parts().config.state_dir);
    this.#storage = new SharedLook(look, clock);
    this.#sockets = new SharedLook(() => missingSockets(parts().sources), clock);
  }

  /** Why the agent does not work; undefined where it does: its event loop turns, as this is answered, and files answer. */
  async fault(): Promise<string | undefined> {
    const storage = await this.#storage.take(fault_wait_ms);
    return storage === undefined ? "the file system of state_dir does not answer" : undefined;
  }

  /** Never rejects. */
  async collect(): Promise<Status> {
    const [storage, sockets_missing = new Set<string>()] = await Promise.all([
      this.#storage.take(look_wait_ms_max),
      this.#sockets.take(look_wait_ms_max),
    ]);
    const { state, config, config_digest, last_reload, ledger, ...parts } = this.#parts();
    const now_ms = this.#clock.now();
    return {
      version,
      node: process.version,
      pid: process.pid,
      state,
      at: new Date(now_ms).toISOString(),
      started_at: new Date(this.#started_ms).toISOString(),
      config: {
        file: config.file,
        digest: config_digest,
        last_reload: last_reload && reloadStatus(last_reload),
      },
      inputs: inputStatuses(parts.sources, parts.inputs, {
        now_ms,
        sockets_missing,
        rates: this.#rates,
      }),
      outputs: parts.outputs.map((output) => outputReport(output, config, this.#rates)),
      quarantine: {
        bytes: storage?.quarantine_bytes,
        bytes_max: config.quarantine.max_bytes,
      },
      disk: {
        free_bytes: storage?.free_bytes,
        size_bytes: storage?.size_bytes,
        write_failing: parts.write_failing,
      },
      books: ledger.books(),
      // What the journals have is not known before all of them are open, and a counter must never fall.
      books_written: state === "starting" ? {} : ledger.writtenBooks(),
      process: this.#process(),
    };
  }

  async stop(): Promise<void> {
    await Promise.all([this.#delay.stop(), this.#rates.stop()]);
  }

  #process(): Status["process"] {
    const { user, system } = process.cpuUsage();
    const { rss, heapUsed } = process.memoryUsage();
    return {
      uptime_seconds: (this.#clock.monotonic() - this.#started_monotonic_ms) / 1000,
      cpu_seconds: (user + system) / 1e6,
      resident_bytes: rss,
      heap_used_bytes: heapUsed,
      descriptors_open: descriptorsOpen(),
      descriptors_max: descriptorsMax(),
      event_loop_delay: this.#delay.histogram.counts(),
      event_loop_delay_seconds_max: this.#delay.recent_seconds_max,
    };
  }
}

/** Undefined where it fails: what is wrong there is for those who write there to say. */
async function lookAtStorage(state_dir: string): Promise<Storage | undefined> {
  try {
    const { bavail, blocks, bsize } = await statfs(state_dir);
    let quarantine_bytes = 0;
    for (const file of quarantineFiles(quarantineDirectory(state_dir))) {
      const found = await stat(file).catch(() => undefined);
      quarantine_bytes += found?.size ?? 0;
    }
    return { quarantine_bytes, free_bytes: bavail * bsize, size_bytes: blocks * bsize };
  } catch {
    return undefined;
  }
}

/** The names of the inputs at whose paths there is no socket any more: nobody is told when one is removed. */
async function missingSockets(
  sources: ReadonlyMap<string, SourceStatus>,
): Promise<ReadonlySet<string>> {
  const missing = new Set<string>();
  for (const [name, { socket_path }] of sources) {
    if (socket_path === undefined) continue;
    const is_there = await stat(socket_path).then(
      (stats) => stats.isSocket(),
      // Where it may not be looked at, it may be there.
      ({ code }: NodeJS.ErrnoException) => code !== "ENOENT" && code !== "ENOTDIR",
    );
    if (!is_there) missing.add(name);
  }
  return missing;
}

function reloadStatus({ at, refusal, waiting }: ReloadOutcome): ReloadStatus {
  if (refusal === undefined) return { at, result: "applied", reason: undefined, waiting };
  return { at, result: "refused", reason: summaryOf(refusal).summary };
}

function outputReport(output: Output, config: Config, rates: RateKeeper): OutputReport {
  const status = output.status();
  const named = outputsOf(config).find(({ name }) => name === output.name);
  return {
    name: output.name,
    type: named?.options.type ?? "unknown",
    ...sending(status),
    hec: isSplunkHecStatus(status) ? hecStatus(status) : undefined,
    rates: rates.output(output.name),
    latency: output.delivered.latency.counts(),
  };
}

function hecStatus(status: SplunkHecStatus): OutputReport["hec"] {
  const { requests, requests_failed, requests_in_flight, batches_waiting, bytes } = status;
  const { events_unacknowledged, events_repeated } = status;
  return {
    endpoints: status.endpoints.map((endpoint) => endpointReport(endpoint)),
    requests,
    requests_failed,
    requests_in_flight,
    requests_in_flight_max: status.concurrency,
    batches_waiting,
    bytes,
    events_unacknowledged,
    events_repeated,
    refused_indexes: status.refused_indexes,
  };
}

function endpointReport(endpoint: EndpointStatus) {
  const { url, latency_ms, clock_ahead_ms } = endpoint;
  const clock_ahead_seconds = clock_ahead_ms === undefined ? undefined : clock_ahead_ms / 1000;
  return { url, ...sending(endpoint), latency_seconds: latency_ms / 1000, clock_ahead_seconds };
}

function sending({ state, reason, since }: OutputCondition): OutputCondition {
  return { state, reason, since };
}
