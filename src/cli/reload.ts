/**
 * `tallyman reload`: has the running agent read its configuration again, and says what became of it.
 */
import { Command } from "commander";
import { ask } from "../admin/ask.ts";
import { adminSocketOf } from "../admin/options.ts";
import { reload_path, type ReloadReport } from "../admin/reload-route.ts";
import { readPlaces } from "../config/load.ts";
import { systemClock } from "../platform/clock.ts";
import { TallymanError } from "../platform/errors.ts";
import { Printing } from "./printing.ts";

const help = `
The agent reads its whole configuration again: the file that it was started
with, the plugins, and the files of tokens and certificates. It checks all of it
first; what is mistaken changes nothing. No event is lost or sent twice, and it
works while Splunk is down, too. docs/reload.md says what becomes of what.

The agent is asked on its admin socket (\`admin.socket\`): run it as tallyman's
user or as root. A SIGHUP does the same, and the log has the answer.

Exit status: 0 when the configuration is in force; 1 when it is refused, or the
agent cannot be asked; 2 when the command line is not understood.

Examples:
  $ tallyman reload -c /etc/tallyman/config.yaml
  $ tallyman check -c config.yaml && tallyman reload -c config.yaml`;

/** Plugins may take their time. */
const wait_ms_max = 60_000;

export function reloadCommand(): Command {
  return new Command("reload")
    .description("have the running agent use its configuration as it is now")
    .requiredOption("-c, --config <file>", "the configuration")
    .addHelpText("after", help)
    .action(reload);
}

async function reload({ config: file }: { config: string }): Promise<void> {
  const at = adminSocketOf(await readPlaces(file, ["state_dir", "admin"]));
  if (at === undefined) {
    throw new TallymanError(
      "agent_unreachable",
      "the configuration has `admin.socket: false`, so the agent cannot be asked; send it a SIGHUP instead",
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
  const { refusal, digest, previous_digest } = reportIn(body);
  if (refusal !== undefined) {
    const { message, complaints } = refusal;
    throw new TallymanError("reload_refused", message, { complaints });
  }
  const printing = new Printing();
  const same = digest === previous_digest ? ", as before" : "";
  await printing.line(`Reloaded; the configuration in force has the digest ${digest}${same}.`);
  await printing.flush();
}

function reportIn(body: string): ReloadReport {
  try {
    return JSON.parse(body) as ReloadReport;
  } catch (cause) {
    const message = "what answers there is no agent of tallyman";
    throw new TallymanError("agent_unreachable", message, {}, { cause });
  }
}
