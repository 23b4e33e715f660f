/** `tallyman demo`, as its help shows it. */
import { Command } from "commander";
import type { demo } from "../demo/demo.ts";

const help = `
It runs the real agent with a real configuration on audit events that it writes
itself. A receiver on loopback takes the place of Splunk's HTTP Event Collector.
The file is rotated once meanwhile. The demo shows what redaction changed in one
event, the throughput, and the books. It leaves nothing behind.

Exit status: 0 when the books balance; 1 when they do not, or the demo could not
finish; 2 when the command line is invalid.

Examples:
  $ tallyman demo
  $ tallyman demo --keep     # goes on at 1,000 events/s until Ctrl-C`;

export function demoCommand(): Command {
  return new Command("demo")
    .description("run tallyman on generated events on this machine; needs no set-up")
    .option("--keep", "continue until Ctrl-C")
    .addHelpText("after", help)
    .action(async (...given: Parameters<typeof demo>) =>
      (await import("../demo/demo.ts")).demo(...given),
    );
}
