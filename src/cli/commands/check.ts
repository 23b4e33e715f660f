/** `tallyman check`, as its help shows it. */
import { Command } from "commander";
import { addConfigurationAsArgument } from "../configuration/option.ts";
import { colorOption } from "../terminal/color-option.ts";
import type { check } from "../check/check.ts";

const help = `
It loads the plugins, compiles every condition and path, runs the tests of the
rules, and lists the files that match now. For each input, it runs the first 500
events of these files through the chain, up to the first plugin that is not
built in, and reports what each rule found, without values. It does not use the
network.
All errors are reported at once, as FILE:LINE:COLUMN: MESSAGE.

Exit status: 0 when the configuration is valid, even with warnings; 1 when it is
not; 2 when the command line is invalid. SIGALRM (142 in a shell) when a plugin
hangs for plugin_timeout; a message names the plugin's file.

Examples:
  $ tallyman check -c /etc/tallyman/config.yaml
  $ tallyman check -c config.yaml --json | jq .complaints`;

export function checkCommand(): Command {
  return addConfigurationAsArgument(
    new Command("check").description("check a configuration: explain it, or report every error"),
  )
    .option("--json", "print the result as JSON")
    .option("--dev", "show what plugins throw with message and stack")
    .addOption(colorOption())
    .addHelpText("after", help)
    .action(async (_file, ...given: Parameters<typeof check>) =>
      (await import("../check/check.ts")).check(...given),
    );
}
