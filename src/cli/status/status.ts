/**
 * `tallyman status`: how the running agent is, on one screen or as JSON.
 */
import { z } from "zod";
import { ask } from "../../admin/ask.ts";
import { adminSocketOf } from "../../admin/options.ts";
import type { Status } from "../../admin/status/status.ts";
import type { Warning } from "../../admin/status/warnings.ts";
import { readPlaces } from "../../config/load.ts";
import { systemClock } from "../../platform/clock.ts";
import { TallymanError } from "../../platform/errors.ts";
import { printable, printableJson } from "../../platform/text/printable.ts";
import { version } from "../../platform/version.ts";
import { ending } from "../process/ending.ts";
import { Printing } from "../terminal/printing.ts";
import { screenOf } from "./screen.ts";

/** Exit status where somebody should look. */
const exit_problem = 3;

/** What every agent reports, whatever its version is. Another program may listen where it listened. */
const anyVersion = z.looseObject({
  version: z.string(),
  warnings: z.array(z.looseObject({ severity: z.string() })),
});

interface StatusOptions {
  config: string;
  json?: boolean;
}

/** What the command does. */
export async function status({ config: file, json = false }: StatusOptions): Promise<void> {
  const places = await readPlaces(file, ["state_dir", "admin"]);
  const at = adminSocketOf(places) ?? places.admin.listen;
  if (at === undefined) {
    throw new TallymanError(
      "agent_unreachable",
      "the configuration has `admin.socket: false` and no `admin.listen`, so the agent cannot be reached",
    );
  }
  const { status: answered, body } = await ask({ method: "GET", path: "/status", at }, systemClock);
  const now = statusIn(answered, body);
  const printing = new Printing();
  if (json) await printing.line(printableJson(JSON.stringify(now, undefined, 2)));
  else {
    if (now.version !== version) throw otherVersion(now.version);
    for (const line of screenOf(now, now.warnings)) await printing.line(printable(line));
  }
  await printing.flush();
  if (now.warnings.some(({ severity }) => severity === "problem")) ending.status = exit_problem;
}

function statusIn(http_status: number, body: string): Status & { warnings: Warning[] } {
  if (http_status !== 200) {
    const message = `the agent answered with HTTP status ${http_status}`;
    throw new TallymanError("agent_unreachable", message);
  }
  try {
    const answer: unknown = JSON.parse(body);
    anyVersion.parse(answer);
    return answer as Status & { warnings: Warning[] };
  } catch (cause) {
    const message = "the process that answers there is not a tallyman agent";
    throw new TallymanError("agent_unreachable", message, {}, { cause });
  }
}

function otherVersion(found: string): TallymanError {
  return new TallymanError(
    "agent_unreachable",
    `the running agent is version ${found}, this command is version ${version}: restart the agent, or use --json`,
  );
}
