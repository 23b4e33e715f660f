/** `tallyman demo`, as its help shows it. */
import { Command, Option } from "commander";
import type { demo } from "../demo/demo.ts";

const help = `
It runs the real agent with a real configuration on audit events that it writes
itself. A receiver on loopback takes the place of Splunk's HTTP Event Collector.
The file is rotated once meanwhile. The demo shows what redaction changed in one
event, the throughput, and the books. It leaves nothing behind.

With --fleet, two agents publish to three NATS servers on loopback, and two
aggregators deliver from there. One of each kind is killed meanwhile, as with
kill -9. The books of all, by lane, come at the end. It needs nats-server
(apt-get install nats-server), and takes half a minute.

Exit status: 0 when the books balance; 1 when they do not, or the demo could not
finish; 2 when the command line is invalid.

Examples:
  $ tallyman demo
  $ tallyman demo --keep     # goes on at 1,000 events/s until Ctrl-C
  $ tallyman demo --fleet`;

type DemoGiven = Parameters<typeof demo>[0] & { fleet?: boolean };

export function demoCommand(): Command {
  return new Command("demo")
    .description("run tallyman on generated events on this machine; needs no set-up")
    .addOption(new Option("--keep", "continue until Ctrl-C").conflicts("fleet"))
    .option("--fleet", "show agents, NATS and aggregators, and what happens when each fails")
    .addHelpText("after", help)
    .action(async ({ fleet = false, ...given }: DemoGiven) =>
      fleet
        ? (await import("../demo/fleet/fleet-demo.ts")).fleetDemo()
        : (await import("../demo/demo.ts")).demo(given),
    );
}
