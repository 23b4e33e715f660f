/**
 * The routes that report the agent's state: /healthz, /readyz, /metrics and /status.
 */
import type { Clock } from "../platform/clock.ts";
import type { MetricsText } from "./metrics/metrics.ts";
import { jsonAnswer, textAnswer, type Route } from "./route.ts";
import type { AgentState, Status } from "./status/status.ts";
import { warningsIn } from "./status/warnings.ts";

/** What was collected so short ago is reported again: whoever asks all the time costs no more than that. */
const status_age_ms_max = 200;

export interface StatusRouteDeps {
  readonly clock: Clock;
  readonly state: () => AgentState;
  /** Why the agent does not work; undefined where it does. */
  readonly fault: () => Promise<string | undefined>;
  readonly status: () => Promise<Status>;
  /** Another value after each reload: what was collected before one is not reported after it. */
  readonly reload: () => unknown;
}

export function statusRoutes(deps: StatusRouteDeps): Route[] {
  const status = shared(deps);
  let metrics: MetricsText | undefined;
  return [
    route("/healthz", async () => {
      const fault = await deps.fault();
      return fault === undefined ? textAnswer(200, "ok") : textAnswer(503, fault);
    }),
    route("/readyz", async () => {
      const state = deps.state();
      return state === "ready" ? textAnswer(200, "ready") : textAnswer(503, state);
    }),
    route("/metrics", async () => {
      // Its library takes memory, which an agent that nobody asks for metrics does not have to spend.
      const loaded = await import("./metrics/metrics.ts");
      metrics ??= new loaded.MetricsText();
      const body = await metrics.of(await status());
      return { status: 200, type: metrics.content_type, body };
    }),
    route("/status", async () => {
      const now = await status();
      return jsonAnswer(200, { ...now, warnings: warningsIn(now) });
    }),
  ];
}

function route(path: string, answer: Route["answer"]): Route {
  return { method: "GET", path, unix_only: false, answer };
}

interface Collection {
  readonly at_ms: number;
  readonly reload: unknown;
  readonly status: Promise<Status>;
}

/** One collection at a time, for all who ask meanwhile and a moment later. */
function shared(deps: StatusRouteDeps): () => Promise<Status> {
  let last: Collection | undefined;
  return () => {
    const at_ms = deps.clock.monotonic();
    const reload = deps.reload();
    const is_recent = last !== undefined && at_ms - last.at_ms <= status_age_ms_max;
    if (last === undefined || !is_recent || last.reload !== reload) {
      last = { at_ms, reload, status: deps.status() };
    }
    return last.status;
  };
}
