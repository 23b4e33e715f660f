/** `tallyman status`, as its help shows it. */
import { Command } from "commander";
import { addConfigurationAsArgument } from "../configuration/option.ts";
import type { status } from "../status/status.ts";

const help = `
It asks the running agent over its admin socket (\`admin.socket\`) and needs no
secret of the configuration: run it as tallyman's user or as root. STEPS counts
from the agent's start; its times are measured on one event in 251. BOOKS
continue across restarts. docs/operations/monitoring.md explains each warning.
In a browser, the agent's page shows the same as it changes:
docs/operations/page.md.

Exit status: 0 when all is well, even with hints; 3 when there is a problem; 1
when the agent is not running or cannot be reached; 2 when the command line is
invalid.

Examples:
  $ tallyman status -c /etc/tallyman/config.yaml
  $ tallyman status -c config.yaml --json | jq '.warnings[].message'`;

export function statusCommand(): Command {
  return addConfigurationAsArgument(
    new Command("status").description("show the state of the running agent, and its problems"),
  )
    .option("--json", "print the whole status as JSON")
    .addHelpText("after", help)
    .action(async (_file, ...given: Parameters<typeof status>) =>
      (await import("../status/status.ts")).status(...given),
    );
}
