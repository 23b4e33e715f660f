/** `tallyman status`, as its help shows it. */
import { Command } from "commander";
import type { status } from "../status/status.ts";

const help = `
It asks the running agent on its admin socket (\`admin.socket\`), so it needs no
secret of the configuration: run it as tallyman's user or as root. STEPS counts
since the agent's start, and takes the time of one event in 251; the books go
on over restarts.

Exit status: 0 when all is well, hints or not; 3 when there is a problem; 1 when
the agent does not run or cannot be asked; 2 when the command line is wrong.
docs/operations/monitoring.md says what each warning means.

Examples:
  $ tallyman status -c /etc/tallyman/config.yaml
  $ tallyman status -c config.yaml --json | jq '.warnings[].message'`;

export function statusCommand(): Command {
  return new Command("status")
    .description("show how the running agent is, and what needs looking at")
    .requiredOption("-c, --config <file>", "the configuration")
    .option("--json", "print all that is known as JSON")
    .addHelpText("after", help)
    .action(async (...given: Parameters<typeof status>) =>
      (await import("../status/status.ts")).status(...given),
    );
}
