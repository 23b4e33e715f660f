/** `tallyman run`, as its help shows it. */
import { Command } from "commander";
import type { run } from "../run/run.ts";

const help = `
It runs until SIGTERM or SIGINT: then it stops reading, delivers what is under
way for up to shutdown_timeout, writes its state and exits with 0. A second
signal exits at once: what was not delivered is sent after the next start, and
only what clients of sockets or standard input had written, and tallyman had
not kept yet, is lost. Where all inputs are standard input, it ends by
itself when that has ended and everything is delivered.

Exit status: 0 after it was stopped, or has come to its end; 1 when it cannot
start, or after a second signal; 2 when the command line is not understood; 70
after a mistake of its own, or of a plugin.

Examples:
  $ tallyman run -c /etc/tallyman/config.yaml
  $ some-command | tallyman run -c piped.yaml`;

export function runCommand(): Command {
  return new Command("run")
    .description("follow the inputs and ship their events, until stopped")
    .requiredOption("-c, --config <file>", "the configuration")
    .addHelpText("after", help)
    .action(async (...given: Parameters<typeof run>) =>
      (await import("../run/run.ts")).run(...given),
    );
}
