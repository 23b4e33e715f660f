/** `tallyman status`, as its help shows it. */
import { Command } from "commander";
import { addConfigurationAsArgument } from "../configuration/option.ts";
import type { status } from "../status/status.ts";
import { colorOption } from "../terminal/color-option.ts";
import { watchSeconds } from "./seconds.ts";

const help = `
It asks the running agent over its admin socket (\`admin.socket\`) and needs no
secret of the configuration: run it as tallyman's user or as root. It fits on
one screen, worst first; --all shows every input, file and endpoint. Rates are
those of the last seconds; LEFT is how long a backlog takes at that rate. STEPS
counts from the agent's start; its times are measured on one event in 251. The
books continue across restarts. docs/operations/monitoring.md explains each
warning. \`tallyman top\` shows the same live, and so does the agent's page in a
browser (docs/operations/page.md).

Exit status: 0 when all is well, even with hints; 3 when there is a problem; 1
when the agent is not running or cannot be reached; 2 when the command line is
invalid.

Examples:
  $ tallyman status -c /etc/tallyman/config.yaml
  $ tallyman status --all | less
  $ tallyman status --watch 5
  $ tallyman status -c config.yaml --json | jq '.warnings[].message'`;

export function statusCommand(): Command {
  return addConfigurationAsArgument(
    new Command("status").description("show the state of the running agent, and its problems"),
  )
    .option("--all", "show everything, however long it is")
    .option("--watch [seconds]", "show it again every so many seconds (q quits)", watchSeconds)
    .option("--json", "print the whole status as JSON; with --watch, one on each line")
    .addOption(colorOption())
    .addHelpText("after", help)
    .action(async (_file, { watch, ...given }: StatusGiven) =>
      (await import("../status/status.ts")).status({
        ...given,
        // Without a number the option is a plain true.
        ...(watch === undefined ? {} : { watch: watch === true ? 2 : watch }),
      }),
    );
}

type StatusGiven = Omit<Parameters<typeof status>[0], "watch"> & { watch?: number | true };
