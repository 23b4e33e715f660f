/**
 * The admin listener of an agent, and what it reports: one server on its UNIX socket, and one on loopback.
 */
import { AdminServer } from "../../admin/admin-server.ts";
import { adminSocketOf } from "../../admin/options.ts";
import { reloadRoute } from "../../admin/reload-route.ts";
import type { Route } from "../../admin/route.ts";
import type { FleetStatus } from "../../admin/status/fleet-status.ts";
import type { Status } from "../../admin/status/status.ts";
import { statusRoutes } from "../../admin/status-routes.ts";
import { tapRoute } from "../../admin/tap/tap-route.ts";
import { webRoutes } from "../../admin/web/web-routes.ts";
import { own_input, type Config } from "../../config/config.ts";
import type { Books } from "../../ledger/books.ts";
import type { DeliveryWatch } from "../../output/delivered.ts";
import type { Clock } from "../../platform/clock.ts";
import { messageOf } from "../../platform/errors.ts";
import type { Logger } from "../../platform/log.ts";
import { same } from "../../platform/same.ts";
import { changeSocketMode } from "../../platform/sockets/socket-file.ts";
import type { ReloadOutcome } from "../setup/reloads.ts";
import { Taps } from "../tap/taps.ts";
import { EventTrials } from "./event-trials.ts";
import { History } from "./history.ts";
import { StatusCollector, type AgentParts } from "./status-collector.ts";

/** How long a server that is replaced has to answer what it was asked, a reload among it. */
const leave_ms = 2000;

export interface AdministrationDeps {
  config: Config;
  clock: Clock;
  log: Logger;
  /** What is in force at the moment. */
  parts: () => AgentParts;
  /** As they are. */
  books: () => Books;
  /** Undefined while the agent is stopping. */
  reload: () => Promise<ReloadOutcome | undefined>;
  /** Where taps watch what is delivered. */
  watch: DeliveryWatch;
}

/** What another configuration opens, before that comes into force. */
export interface PreparedAdministration {
  use(): void;
  undo(): Promise<void>;
}

type Place = "unix" | "tcp";

export class Administration {
  readonly #deps: AdministrationDeps;
  readonly #collector: StatusCollector;
  readonly #history: History;
  readonly #trials: EventTrials;
  readonly #routes: readonly Route[];
  readonly #taps: Taps;
  readonly #servers = new Map<Place, AdminServer>();
  readonly #closing = new AbortController();
  /** Servers that were replaced and are not closed yet. */
  #leaving: Promise<void> = Promise.resolve();
  /** Resolved when those have let go of their places. */
  #left: Promise<void> = Promise.resolve();
  #config: Config;
  /** What it reports of its fleet, where it is of one. */
  fleet: (() => FleetStatus) | undefined;

  constructor(deps: AdministrationDeps) {
    const { config, clock, parts, books, reload } = deps;
    const taps = new Taps({ ...deps, names: () => namesIn(parts()) });
    const collector = new StatusCollector(clock, parts, books);
    this.#deps = deps;
    this.#config = config;
    this.#collector = collector;
    this.#taps = taps;
    const history = new History({
      clock,
      look: () => {
        const { ledger, sources } = parts();
        return { books: ledger.books(), sources };
      },
      residentBytes: () => process.memoryUsage.rss(),
    });
    this.#history = history;
    const trials = new EventTrials(clock);
    this.#trials = trials;
    const shared = { clock, status: () => this.status(), reload: () => parts().last_reload };
    this.#routes = [
      ...statusRoutes({
        ...shared,
        state: () => parts().state,
        fault: () => collector.fault(),
      }),
      ...webRoutes({
        ...shared,
        options: () => this.#config.admin,
        history: () => history.report(),
        tryEvent: (question) => {
          const { config: now, config_digest: digest } = parts();
          return trials.run({ ...question, config_file: now.file, digest });
        },
      }),
      reloadRoute(async () => {
        const outcome = await reload();
        return outcome && { applied: outcome.refusal === undefined, ...outcome };
      }),
      tapRoute({
        options: () => this.#config.admin,
        refusal: (request) => taps.refusal(request),
        open: (request, client) => taps.open(request, client),
      }),
    ];
  }

  /** Throws TallymanError listen_failed, socket_in_use or socket_unavailable. */
  async start(): Promise<void> {
    for (const place of ["unix", "tcp"] as const) {
      const server = this.#make(place, this.#config);
      if (server === undefined) continue;
      this.#servers.set(place, server);
      await server.start();
    }
    this.#history.start();
  }

  /** What /status reports. Never rejects. */
  async status(): Promise<Status> {
    const status = await this.#collector.collect();
    return this.fleet === undefined ? status : { ...status, fleet: this.fleet() };
  }

  /** Opens what `next` has elsewhere. Throws as `start` does; nothing is left open then. */
  async prepare(next: Config): Promise<PreparedAdministration> {
    const places = changedPlaces(this.#config, next);
    const made = places.map((place) => [place, this.#make(place, next)] as const);
    const undo = async (): Promise<void> => {
      for (const [, server] of made) await server?.close();
    };
    // The next configuration may go back to where they were.
    await this.#left;
    try {
      for (const [, server] of made) await server?.start();
    } catch (cause) {
      await undo();
      throw cause;
    }
    return { use: () => this.#use(next, made), undo };
  }

  /** Never rejects. */
  async close(): Promise<void> {
    this.#closing.abort();
    this.#taps.end("the agent has stopped");
    this.#trials.stop();
    const servers = [...this.#servers.values()].map((server) => server.close());
    await Promise.all([...servers, this.#leaving, this.#collector.stop(), this.#history.stop()]);
  }

  #use(next: Config, made: readonly (readonly [Place, AdminServer | undefined])[]): void {
    for (const [place, server] of made) {
      const former = this.#servers.get(place);
      if (server === undefined) this.#servers.delete(place);
      else this.#servers.set(place, server);
      if (former !== undefined) this.#leaving = this.#closeSoon(former, this.#leaving);
    }
    // Whoever watches may be nobody who may, now.
    if (!same(this.#config.admin, next.admin) || made.length > 0)
      this.#taps.end("a reload has changed the options of the admin listener");
    const path = adminSocketOf(next);
    const has_another_mode = next.admin.mode !== this.#config.admin.mode;
    const is_there = !made.some(([place]) => place === "unix");
    this.#config = next;
    if (path !== undefined && is_there && has_another_mode) void this.#setMode(path, next);
  }

  async #closeSoon(server: AdminServer, before: Promise<void>): Promise<void> {
    this.#left = Promise.all([this.#left, server.leave()]).then(() => undefined);
    await this.#deps.clock.sleep(leave_ms, this.#closing.signal);
    await this.#left;
    await server.close();
    await before;
  }

  /** Never rejects. */
  async #setMode(path: string, { admin }: Config): Promise<void> {
    try {
      await changeSocketMode(path, modeOf(admin.mode));
    } catch (cause) {
      const facts = { path, mode: admin.mode, error: messageOf(cause) };
      this.#deps.log.error(
        "admin_mode_unchanged",
        facts,
        "The mode of the admin socket cannot be changed.",
      );
    }
  }

  /** Undefined where there is to be none. */
  #make(place: Place, config: Config): AdminServer | undefined {
    const { clock, log } = this.#deps;
    const path = adminSocketOf(config);
    const { mode, listen } = config.admin;
    const shared = { routes: this.#routes, clock, log };
    if (place === "tcp") {
      return listen && new AdminServer({ ...shared, socket: undefined, listen });
    }
    if (path === undefined) return undefined;
    const socket = { path, mode: modeOf(mode) };
    return new AdminServer({ ...shared, socket, listen: undefined });
  }
}

function namesIn({ inputs, outputs }: AgentParts): { inputs: string[]; outputs: string[] } {
  return {
    inputs: [...inputs.map(({ name }) => name), own_input],
    outputs: outputs.map(({ name }) => name),
  };
}

function changedPlaces(before: Config, next: Config): Place[] {
  const places: Place[] = [];
  if (adminSocketOf(before) !== adminSocketOf(next)) places.push("unix");
  if (!same(before.admin.listen, next.admin.listen)) places.push("tcp");
  return places;
}

function modeOf(mode: string): number {
  return Number.parseInt(mode, 8);
}
