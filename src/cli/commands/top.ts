/** `tallyman top`, as its help shows it. */
import { Command } from "commander";
import { addConfigurationAsArgument } from "../configuration/option.ts";
import { colorOption } from "../terminal/color-option.ts";
import type { top } from "../top/top.ts";
import { watchSeconds } from "./seconds.ts";

const help = `
It asks the running agent over its admin socket (\`admin.socket\`), as \`status\`
does: run it as tallyman's user or as root. It shows rates, the backlog and how
long it takes, inputs, outputs and steps, the books, and the warnings. While the
agent restarts it says so, and continues when it is back.

Keys: arrows and tab select, enter shows the details of an input, output or
step, s sorts, p pauses, ? shows help, q or ctrl-c quits.

Exit status: 0 after you quit; 1 when there is no agent, or no terminal; 2
when the command line is invalid.

Examples:
  $ tallyman top
  $ tallyman top -c /etc/tallyman/config.yaml --interval 5`;

export function topCommand(): Command {
  return addConfigurationAsArgument(
    new Command("top").description("watch the running agent live: rates, backlog, outputs"),
  )
    .option("--interval <seconds>", "the time between two updates", watchSeconds, 1)
    .addOption(colorOption())
    .addHelpText("after", help)
    .action(async (_file, given: Parameters<typeof top>[0]) =>
      (await import("../top/top.ts")).top(given),
    );
}
