/** `tallyman reload`, as its help shows it. */
import { Command } from "commander";
import { addConfigurationAsArgument } from "../configuration/option.ts";
import type { reload } from "../reload/reload.ts";

const help = `
The agent reads its configuration file again, with the plugins and the files of
tokens and certificates. It checks everything first: if there is an error,
nothing changes. No event is lost or sent twice, and a reload works while
Splunk is down, too. docs/operations/reload.md describes what happens to each
part.

New redact steps are applied to events that wait, too. The command reports how
many there were, and how many in flight were out of reach. Events that wait for
an index that Splunk refuses go to the index that their input names now; the
command reports how many, and from which index to which.

The command uses the agent's admin socket (\`admin.socket\`): run it as
tallyman's user or as root. SIGHUP does the same, and reports in the log.

Exit status: 0 when the new configuration is in force; 1 when it was refused, or
the agent cannot be reached; 2 when the command line is invalid.

Examples:
  $ tallyman reload -c /etc/tallyman/config.yaml
  $ tallyman check -c config.yaml && tallyman reload -c config.yaml`;

export function reloadCommand(): Command {
  return addConfigurationAsArgument(
    new Command("reload").description("apply the changed configuration to the running agent"),
  )
    .option("--json", "print the result as JSON")
    .addHelpText("after", help)
    .action(async (_file, ...given: Parameters<typeof reload>) =>
      (await import("../reload/reload.ts")).reload(...given),
    );
}
