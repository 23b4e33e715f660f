/** `tallyman check`, as its help shows it. */
import { Command } from "commander";
import type { check } from "../check/check.ts";

const help = `
It loads the plugins and compiles every condition and path, looks which files
the globs match now, and connects to nothing. Every mistake is told at once, as
FILE:LINE:COLUMN: MESSAGE.

Exit status: 0 when the configuration is valid, warnings or not; 1 when it is
not; 2 when the command line is not understood.

Examples:
  $ tallyman check -c /etc/tallyman/config.yaml
  $ tallyman check -c config.yaml --json | jq .complaints`;

export function checkCommand(): Command {
  return new Command("check")
    .description("explain what a configuration means, or all that is wrong with it")
    .requiredOption("-c, --config <file>", "the configuration")
    .option("--json", "print the result as JSON")
    .addHelpText("after", help)
    .action(async (...given: Parameters<typeof check>) =>
      (await import("../check/check.ts")).check(...given),
    );
}
