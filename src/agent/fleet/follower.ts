/**
 * Follows the configuration of a group: looks at the bucket now and then and whenever something is put there, has what is
 * signed and newer checked and applied by a reload, keeps it, and reports what is in force.
 *
 * Whoever writes to the bucket without a key can do no more than have this agent say that it refuses something.
 */
import type { FleetStatus } from "../../admin/status/fleet-status.ts";
import type { Status } from "../../admin/status/status.ts";
import type { Config } from "../../config/config.ts";
import { readKept, withSeen, writeKept, type Kept } from "../../config/fleet/kept.ts";
import type { FleetOptions } from "../../config/fleet/options.ts";
import {
  note_bytes_max,
  type FleetRefusal,
  type SignedConfiguration,
} from "../../config/fleet/signed.ts";
import type { Pushed } from "../../config/pushed.ts";
import { agentOf } from "../../output/nats/agent-name.ts";
import type { Clock } from "../../platform/clock.ts";
import { messageOf } from "../../platform/errors.ts";
import type { Logger } from "../../platform/log.ts";
import { configurationBucket, keySubject } from "../../platform/nats/buckets.ts";
import { NatsLink, type Subscription } from "../../platform/nats/connection.ts";
import { Reminder } from "../../platform/reminder.ts";
import { BucketReader } from "./bucket-reader.ts";
import { judgeNote } from "./judge.ts";
import { Refusals } from "./refusals.ts";
import { reportOf } from "./report.ts";
import { Reporter } from "./reporter.ts";

/** So often what the agent keeps is tried again, where it could not be used at the start. */
const held_again_ms = 60_000;
/** Whoever floods the subject is not answered faster. */
const refused_pause_ms = 1000;
/** A replica of the bucket may still have what was there before. */
const replica_lag_ms = 10_000;

export interface Reloaded {
  /** Of what is in force. */
  readonly digest: string;
  /** Why it is not in force, in a line. */
  readonly refused: string | undefined;
}

export interface FollowerDeps {
  /** What is in force. */
  readonly config: () => Config;
  /** Loads with what `pushed` says, and applies it; undefined while the agent is stopping. */
  readonly reload: () => Promise<Reloaded | undefined>;
  readonly status: () => Promise<Status>;
  readonly clock: Clock;
  readonly log: Logger;
  /** Whether what it had taken cannot be used, so that nothing is read. */
  readonly is_held: boolean;
}

export class FleetFollower {
  readonly #deps: FollowerDeps;
  /** By which it is connected. Others of the options go by the configuration in force. */
  readonly #options: FleetOptions;
  readonly #agent: string;
  readonly #link: NatsLink;
  readonly #stopping = new AbortController();
  readonly #reminder: Reminder<string>;
  readonly #refusals: Refusals;
  readonly #bucket: BucketReader;
  readonly #reporter: Reporter;
  /** The latest that was put into the bucket and not looked at. */
  #put: string | undefined;
  #waking = new AbortController();
  /** For the group, over the connection that there is. */
  #subscribed: { readonly group: string; readonly subscription: Subscription } | undefined;
  /** What is laid over the file at a reload that this follower asks for, and while it could not be written. */
  #candidate: SignedConfiguration | undefined;
  #unkept: SignedConfiguration | undefined;
  #awaited: string | undefined;
  #is_held: boolean;
  #held_tried_ms = -Infinity;
  #taken_ms = -Infinity;

  constructor(options: FleetOptions, deps: FollowerDeps) {
    const { clock, log } = deps;
    this.#deps = deps;
    this.#options = options;
    this.#agent = agentOf(options);
    this.#is_held = deps.is_held;
    this.#reminder = new Reminder(clock);
    this.#refusals = new Refusals(clock, log);
    this.#link = new NatsLink(options, {
      role: "agent",
      name: this.#agent,
      clock,
      log,
      logged: { fleet: options.group },
      onOpen: () => (this.#subscribed = undefined),
      onUp: () => this.#waking.abort(),
    });
    this.#reporter = new Reporter({ agent: this.#agent, bucket: options.bucket, clock, log });
    this.#bucket = new BucketReader(options.bucket, { link: this.#link, clock, log });
  }

  /** What a reload lays over the agent's own file. */
  get pushed(): Pushed {
    return this.#candidate ?? this.#unkept ?? "kept";
  }

  status(): FleetStatus {
    const { taken, awaited_group, fleet = this.#options } = this.#deps.config();
    const is_held = this.#is_held || awaited_group !== undefined;
    return {
      agent: this.#agent,
      group: fleet.group,
      state: taken !== undefined ? "taken" : is_held ? "held" : "own",
      serial: taken?.serial,
      time: taken?.time,
      sha256: taken?.sha256,
      connected: this.#link.connection !== undefined,
      unread: this.#bucket.unread,
      shared: this.#reporter.shared,
      refused: this.#refusals.counts,
      refusal: this.#refusals.last,
    };
  }

  /** A reload was applied, whoever asked for it. */
  reloaded(): void {
    this.#is_held = false;
    this.#refusals.forget();
    this.#sayAwaited();
    if (this.#subscribed?.group === this.#group) return;
    this.#put = undefined;
    this.#waking.abort();
  }

  start(): void {
    this.#sayAwaited();
    this.#link.start();
    void this.#run();
  }

  /** Never rejects, and ends in bounded time. */
  async close(): Promise<void> {
    this.#stopping.abort();
    this.#waking.abort();
    await this.#link.close();
  }

  #sayAwaited(): void {
    const { awaited_group: group } = this.#deps.config();
    const is_new = group !== undefined && group !== this.#awaited;
    this.#awaited = group;
    if (!is_new) return;
    this.#deps.log.error(
      "fleet_holding",
      { group, error: "what was taken before is of another group" },
      "Nothing is read until a configuration of the group is taken.",
    );
  }

  /** To the group that is in force, and to no other. */
  #subscribe(): void {
    const { connection } = this.#link;
    const group = this.#group;
    if (connection === undefined || this.#subscribed?.group === group) return;
    this.#subscribed?.subscription.unsubscribe();
    const subject = keySubject(configurationBucket(this.#options.bucket), group);
    const subscription = connection.subscribe(subject, {
      callback: (error, { data }) => {
        if (error !== null || data.length === 0 || group !== this.#group) return;
        this.#put = new TextDecoder().decode(data.subarray(0, note_bytes_max + 1));
        this.#waking.abort();
      },
    });
    this.#subscribed = { group, subscription };
  }

  get #group(): string {
    return this.#deps.config().fleet?.group ?? this.#options.group;
  }

  async #run(): Promise<void> {
    const { clock } = this.#deps;
    const stop = this.#stopping.signal;
    while (!stop.aborted) {
      this.#waking = new AbortController();
      await this.#turn();
      await clock.sleep(this.#options.every, this.#waking.signal);
    }
  }

  async #turn(): Promise<void> {
    const { clock } = this.#deps;
    this.#subscribe();
    if (this.#is_held && clock.monotonic() - this.#held_tried_ms >= held_again_ms) {
      this.#held_tried_ms = clock.monotonic();
      await this.#deps.reload();
    }
    const was_put = this.#put;
    this.#put = undefined;
    const note = was_put ?? (await this.#bucket.read(this.#group));
    if (note !== undefined && !(await this.#consider(note, was_put !== undefined)))
      await clock.sleep(refused_pause_ms, this.#stopping.signal);
    if (this.#unkept !== undefined) await this.#keep(this.#unkept);
    await this.#report();
  }

  /** False where it is refused now. */
  async #consider(note: string, was_put: boolean): Promise<boolean> {
    const { clock, config } = this.#deps;
    if (this.#refusals.has(note)) return true;
    const { fleet, taken, state_dir } = config();
    if (fleet === undefined) return true;
    const refuse = (refusal: FleetRefusal): boolean => {
      this.#refusals.add(note, fleet.group, refusal);
      return false;
    };
    let kept: Kept;
    try {
      kept = await readKept(state_dir);
    } catch (cause) {
      return refuse({ reason: "state_unusable", detail: messageOf(cause) });
    }
    const judged = judgeNote(note, fleet, { kept, taken });
    if (judged.kind === "refuse") {
      const is_lag = !was_put && clock.monotonic() - this.#taken_ms < replica_lag_ms;
      if (judged.reason === "old_serial" && is_lag) return true;
      return refuse(judged);
    }
    const { configuration } = judged;
    if (judged.kind === "same") {
      this.#refusals.last = undefined;
      return true;
    }
    const refusal = await this.#take(configuration, kept, state_dir);
    return refusal === undefined || refuse({ ...refusal, serial: configuration.serial });
  }

  /** Undefined where it is in force now, or the agent is stopping. */
  async #take(
    configuration: SignedConfiguration,
    kept: Kept,
    state_dir: string,
  ): Promise<FleetRefusal | undefined> {
    const { group, serial, sha256, time, by } = configuration;
    try {
      // Before it is applied: whatever happens then, nothing older is taken.
      await writeKept(state_dir, withSeen(kept, group, { serial, sha256 }));
    } catch (cause) {
      return { reason: "state_unusable", detail: messageOf(cause) };
    }
    this.#candidate = configuration;
    const outcome = await this.#deps.reload().finally(() => (this.#candidate = undefined));
    if (outcome === undefined) return undefined;
    if (outcome.refused !== undefined) return { reason: "invalid", detail: outcome.refused };
    // The file may have come to name another group meanwhile, and all that is in force is that group's.
    if (this.#deps.config().taken?.group !== group) return undefined;
    this.#refusals.last = undefined;
    this.#taken_ms = this.#deps.clock.monotonic();
    this.#unkept = configuration;
    await this.#keep(configuration);
    this.#deps.log.info(
      "fleet_configuration_taken",
      { group, serial, sha256, time, signed_by: by, digest: outcome.digest },
      "A configuration of the fleet is in force.",
    );
    return undefined;
  }

  /** Never rejects. Where it cannot be written, it is tried again. */
  async #keep(configuration: SignedConfiguration): Promise<void> {
    const { state_dir, taken } = this.#deps.config();
    const { group, serial, sha256, note } = configuration;
    if (taken?.group !== group) return void (this.#unkept = undefined);
    try {
      const kept = withSeen(await readKept(state_dir), group, { serial, sha256 });
      await writeKept(state_dir, { ...kept, note });
      this.#unkept = undefined;
    } catch (cause) {
      if (this.#reminder.due("unkept") === 0) return;
      this.#deps.log.error(
        "fleet_configuration_unkept",
        { group, serial, error: messageOf(cause) },
        "The fleet's configuration is in force, but cannot be saved for the next start.",
      );
    }
  }

  async #report(): Promise<void> {
    const status = await this.#deps.status();
    const { connection } = this.#link;
    if (connection === undefined || this.#stopping.signal.aborted) return;
    // What is pushed does not wait for the answer.
    void this.#reporter.report(connection, reportOf(status, this.status(), this.#options.every));
  }
}
