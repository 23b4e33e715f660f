/** `tallyman run`, as its help shows it. */
import { Command } from "commander";
import { addConfigurationAsArgument } from "../configuration/option.ts";
import type { run } from "../run/run.ts";

const help = `
tallyman runs until SIGTERM or SIGINT. Then it stops reading, delivers the
events in flight for up to shutdown_timeout, saves its state and exits with 0.
A second signal exits at once: undelivered events are sent after the next
start. Only data that clients of sockets or standard input had written, and
tallyman had not stored yet, is lost. If all inputs are standard input, tallyman
exits when standard input has ended and everything is delivered.

In a terminal, the last lines of the screen show the state of the agent live:
rates, backlog, outputs, books and warnings. The log scrolls above them, each
line cut at the width; --no-live and --dev print it in full. There is no live
view in a pipe, as a service, with TERM=dumb, after \`su\` to another user, or if
events are printed to the same terminal.

Exit status: 0 after a stop, or when standard input has ended; 1 when it cannot
start, or after a second signal; 2 when the command line is invalid; 70 after an
internal error, or an error of a plugin outside its step. SIGALRM (142 in a
shell) after a plugin has hung for plugin_timeout: the log says where.

Examples:
  $ tallyman run -c /etc/tallyman/config.yaml
  $ some-command | tallyman run -c piped.yaml`;

export function runCommand(): Command {
  return addConfigurationAsArgument(
    new Command("run").description("read the inputs and ship their events until stopped"),
  )
    .option("--dev", "log what plugins throw with message and stack, content included")
    .option("--no-live", "in a terminal, print only the log, in full")
    .addHelpText("after", help)
    .action(async (_file, ...given: Parameters<typeof run>) =>
      (await import("../run/run.ts")).run(...given),
    );
}
