/** `tallyman tap`, as its help shows it. */
import { Command, InvalidArgumentError } from "commander";
import { tap_rate_max } from "../../admin/tap/tap-messages.ts";
import { addConfigurationAsArgument } from "../configuration/option.ts";
import { colorOption } from "../terminal/color-option.ts";
import type { tap } from "../tap/tap.ts";

const help = `
It shows each event when an output has delivered it, as it was sent: after all
steps, so what they redact is never shown. Events that were filtered, dropped
or quarantined are not shown; \`tallyman quarantine list\` lists the quarantined.

If the agent is busy, it shows a sample, at most --rate events a second, and
says how many passed. --where looks at up to ${tap_rate_max} a second. Shipping never
waits: a reader that is too slow misses events. It uses the agent's admin
socket: run it as tallyman's user or as root (\`admin.tap\` says who may). The
agent logs that somebody watches.

Exit status: 0 when --limit is reached or you end it; 1 when the agent ends it,
or cannot be reached; 2 when the command line is invalid.

Examples:
  $ tallyman tap
  $ tallyman tap --input audit --where 'api.statusCode >= 400'
  $ tallyman tap --limit 1 --json | jq .sent`;

export function tapCommand(): Command {
  return addConfigurationAsArgument(
    new Command("tap").description("watch events pass, as they are shipped"),
  )
    .option("--input <name>", "only events of this input")
    .option("--output <name>", "only events of this output")
    .option("--where <condition>", "only events that match this condition, as in a filter step")
    .option("--limit <count>", "end after so many events", countUpTo(1e9))
    .option(
      "--rate <count>",
      "show at most so many events a second; default: 10",
      countUpTo(tap_rate_max),
    )
    .option("--json", "print one JSON object per event: its input, its output, what was sent")
    .addOption(colorOption())
    .addHelpText("after", help)
    .action(async (_file, ...given: Parameters<typeof tap>) =>
      (await import("../tap/tap.ts")).tap(...given),
    );
}

function countUpTo(max: number): (text: string) => number {
  return (text) => {
    const count = /^\d{1,10}$/.test(text) ? Number(text) : 0;
    if (count >= 1 && count <= max) return count;
    throw new InvalidArgumentError(`expected a number from 1 to ${max}`);
  };
}
