/**
 * `tallyman reload`: has the running agent read its configuration again, and says what became of it.
 */
import { ask } from "../../admin/ask.ts";
import { waitingSentences } from "../../admin/status/waiting-report.ts";
import { adminSocketOf } from "../../admin/options.ts";
import { reload_path, type ReloadReport } from "../../admin/reload-route.ts";
import { readPlaces } from "../../config/load.ts";
import { systemClock } from "../../platform/clock.ts";
import { TallymanError } from "../../platform/errors.ts";
import { printableJson } from "../../platform/text/printable.ts";
import { Printing } from "../terminal/printing.ts";

/** Plugins may take their time. */
const wait_ms_max = 60_000;

interface ReloadFlags {
  readonly config: string;
  readonly json?: boolean;
}

/** What the command does. */
export async function reload({ config: file, json }: ReloadFlags): Promise<void> {
  const at = adminSocketOf(await readPlaces(file, ["state_dir", "admin"]));
  if (at === undefined) {
    throw new TallymanError(
      "agent_unreachable",
      "the configuration has `admin.socket: false`, so the agent cannot be reached; send it a SIGHUP instead",
    );
  }
  const { status, body } = await ask(
    { method: "POST", path: reload_path, at, wait_ms_max },
    systemClock,
  );
  if (status !== 200 && status !== 409) {
    const message = `the agent answered with HTTP status ${status}: ${body.trim()}`;
    throw new TallymanError("agent_unreachable", message);
  }
  const report = reportIn(body);
  const { refusal, digest, previous_digest, waiting } = report;
  const printing = new Printing();
  if (json === true) {
    await printing.line(printableJson(JSON.stringify(report, undefined, 2)));
    await printing.flush();
    if (refusal === undefined) return;
  }
  if (refusal !== undefined) {
    const { message, complaints } = refusal;
    throw new TallymanError("reload_refused", message, { complaints });
  }
  const same = digest === previous_digest ? ", the same as before" : "";
  await printing.line(`Reloaded; the configuration in force has digest ${digest}${same}.`);
  if (waiting !== undefined) {
    for (const sentence of waitingSentences(waiting)) await printing.line(sentence);
  }
  await printing.flush();
}

function reportIn(body: string): ReloadReport {
  try {
    return JSON.parse(body) as ReloadReport;
  } catch (cause) {
    const message = "the process that answers there is not a tallyman agent";
    throw new TallymanError("agent_unreachable", message, {}, { cause });
  }
}
