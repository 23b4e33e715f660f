/** `tallyman demo`, as its help shows it. */
import { Command } from "commander";
import type { demo } from "../demo/demo.ts";

const help = `
It starts the real agent with a real configuration on audit events that it
writes itself, with an HTTP Event Collector on loopback in the place of Splunk.
The file is rotated once under way. It shows what redaction changed in one
event, the throughput, and the books. Nothing is left behind.

Examples:
  $ tallyman demo
  $ tallyman demo --keep     # goes on at 1,000 events/s until Ctrl-C`;

export function demoCommand(): Command {
  return new Command("demo")
    .description("show tallyman at work on this machine, without any set-up")
    .option("--keep", "go on until Ctrl-C")
    .addHelpText("after", help)
    .action(async (...given: Parameters<typeof demo>) =>
      (await import("../demo/demo.ts")).demo(...given),
    );
}
