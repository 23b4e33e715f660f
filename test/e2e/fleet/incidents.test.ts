/** A fleet through all that may happen to it, at a small size: what bench/fleet-run tries with millions of events. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { describe, expect, onTestFinished } from "vitest";
import { longTest } from "../../support/effort.ts";
import { has_nats } from "../../support/nats/cluster.ts";

const program = new URL("../../../bench/fleet-run/run.ts", import.meta.url).pathname;
const sizes = ["--small", "--agents", "2", "--aggregators", "2", "--events", "12000"];

describe.runIf(has_nats)("fleet", () => {
  longTest(
    "whoever is killed, rolled, robbed or full: nothing is missing, and the books agree by lane",
    async () => {
      const run = spawn(process.execPath, [program, ...sizes], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      onTestFinished(() => void run.kill());
      const closed = once(run, "close");
      const said = await text(run.stdout);
      expect(said).toContain("Nothing is missing, and the books agree.");
      expect(said.match(/over in/g)).toHaveLength(7);
      expect(await closed).toEqual([0, null]);
    },
  );
});
