/**
 * The route on which a reload is asked for: on the UNIX socket alone, as it is nothing for everybody on the machine.
 */
import type { Complaint, ErrorCode } from "../platform/errors.ts";
import type { WaitingReport } from "./status/waiting-report.ts";
import { jsonAnswer, textAnswer, type Route } from "./route.ts";

export const reload_path = "/reload";

/** What became of a reload, as it is reported. Holds no secrets. */
export interface ReloadReport {
  readonly applied: boolean;
  /** When it ended; ISO 8601. */
  readonly at: string;
  readonly previous_digest: string;
  /** Of the configuration and plugins in force after it. */
  readonly digest: string;
  /** Undefined where no event waited that another chain would change. */
  readonly waiting?: WaitingReport | undefined;
  /** Why it was not applied. */
  readonly refusal?:
    | {
        readonly code: ErrorCode;
        readonly message: string;
        readonly complaints: readonly Complaint[];
      }
    | undefined;
}

/** `reload` gives undefined while there are no reloads. */
export function reloadRoute(reload: () => Promise<ReloadReport | undefined>): Route {
  return {
    method: "POST",
    path: reload_path,
    unix_only: true,
    async answer() {
      const report = await reload();
      if (report === undefined) return textAnswer(503, "tallyman is stopping.");
      return jsonAnswer(report.applied ? 200 : 409, report);
    },
  };
}
