/**
 * The admin listener of an agent, and what it tells.
 */
import { AdminServer } from "../admin/admin-server.ts";
import { adminSocketOf } from "../admin/options.ts";
import { reloadRoute } from "../admin/reload-route.ts";
import { statusRoutes } from "../admin/status-routes.ts";
import type { Config } from "../config/config.ts";
import type { Clock } from "../platform/clock.ts";
import type { Logger } from "../platform/log.ts";
import type { ReloadOutcome } from "./reloads.ts";
import { StatusCollector, type AgentParts } from "./status-collector.ts";

export interface AdministrationFacts {
  /** It listens as this says, whatever the agent's configuration is later. */
  config: Config;
  clock: Clock;
  log: Logger;
  /** What is in force at the moment. */
  parts: () => AgentParts;
  /** Undefined while the agent is stopping. */
  reload: () => Promise<ReloadOutcome | undefined>;
}

export class Administration {
  readonly #collector: StatusCollector;
  readonly #server: AdminServer;

  constructor({ config, clock, log, parts, reload }: AdministrationFacts) {
    const collector = new StatusCollector(clock, parts);
    this.#collector = collector;
    const path = adminSocketOf(config);
    const { mode, listen } = config.admin;
    this.#server = new AdminServer({
      socket: path === undefined ? undefined : { path, mode: Number.parseInt(mode, 8) },
      listen,
      routes: [
        ...statusRoutes({
          clock,
          state: () => parts().state,
          fault: () => collector.fault(),
          status: () => collector.collect(),
        }),
        reloadRoute(async () => {
          const outcome = await reload();
          return outcome && { applied: outcome.refusal === undefined, ...outcome };
        }),
      ],
      clock,
      log,
    });
  }

  /** Throws TallymanError listen_failed, socket_in_use or socket_unavailable. */
  start(): Promise<void> {
    return this.#server.start();
  }

  /** Never rejects. */
  async close(): Promise<void> {
    await Promise.all([this.#server.close(), this.#collector.stop()]);
  }
}
