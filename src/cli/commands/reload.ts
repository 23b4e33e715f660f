/** `tallyman reload`, as its help shows it. */
import { Command } from "commander";
import type { reload } from "../reload/reload.ts";

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

export function reloadCommand(): Command {
  return new Command("reload")
    .description("have the running agent use its configuration as it is now")
    .requiredOption("-c, --config <file>", "the configuration")
    .addHelpText("after", help)
    .action(async (...given: Parameters<typeof reload>) =>
      (await import("../reload/reload.ts")).reload(...given),
    );
}
