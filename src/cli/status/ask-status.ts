/**
 * Asks the running agent how it is.
 */
import { z } from "zod";
import { ask } from "../../admin/ask.ts";
import { adminSocketOf } from "../../admin/options.ts";
import type { Status } from "../../admin/status/status.ts";
import type { Warning } from "../../admin/status/warnings.ts";
import { readPlaces } from "../../config/load.ts";
import type { Clock } from "../../platform/clock.ts";
import { TallymanError } from "../../platform/errors.ts";
import { version } from "../../platform/version.ts";

/** What the agent says. */
export type Answer = Status & { readonly warnings: readonly Warning[] };

/** What every agent reports, whatever its version is. Another program may listen where it listened. */
const anyVersion = z.looseObject({
  version: z.string(),
  warnings: z.array(z.looseObject({ severity: z.string() })),
});

/** A function that asks the agent of a configuration. Throws TallymanError agent_unreachable, and so does the function. */
export async function statusAsker(file: string, clock: Clock): Promise<() => Promise<Answer>> {
  const places = await readPlaces(file, ["state_dir", "admin"]);
  const at = adminSocketOf(places) ?? places.admin.listen;
  if (at === undefined) {
    throw new TallymanError(
      "agent_unreachable",
      "the configuration has `admin.socket: false` and no `admin.listen`, so the agent cannot be reached",
    );
  }
  return async () => {
    const { status, body } = await ask({ method: "GET", path: "/status", at }, clock);
    return answerIn(status, body);
  };
}

/** Throws where the agent is of another version, whose status has other fields. */
export function refuseOtherVersion(found: Answer): void {
  if (found.version === version) return;
  throw new TallymanError(
    "agent_unreachable",
    `the running agent is version ${found.version}, this command is version ${version}: restart the agent, or use status --json`,
  );
}

function answerIn(http_status: number, body: string): Answer {
  if (http_status !== 200) {
    const message = `the agent answered with HTTP status ${http_status}`;
    throw new TallymanError("agent_unreachable", message);
  }
  try {
    const answer: unknown = JSON.parse(body);
    anyVersion.parse(answer);
    return answer as Answer;
  } catch (cause) {
    const message = "the process that answers there is not a tallyman agent";
    throw new TallymanError("agent_unreachable", message, {}, { cause });
  }
}
