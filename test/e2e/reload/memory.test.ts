/**
 * What a reload leaves behind in memory, over hundreds of them: the slope of what is in use after a collection, which no
 * moment's load moves, and not the resident size.
 *
 * A plugin that was changed is left out: Node keeps every module that it has loaded, some 5 KB for a small one.
 */
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { redact, writeConfig } from "../../support/agent-config.ts";
import { Daemon } from "../../support/daemon.ts";
import { longTest } from "../../support/effort.ts";
import { eventually } from "../../support/eventually.ts";
import { Splunk } from "../../support/splunk.ts";
import { temporaryDirectory } from "../../support/temporary.ts";

const KiB = 1024;
/** Until then, what is needed at the first times is loaded, and V8 has compiled what it is going to. */
const warm_up = 100;
const reloads = 400;
/** Measured: some 2 KiB, which get less. A chain, an input's or an output's parts that stay would be tens. */
const left_bytes_max = 6 * KiB;

/** Loaded before the daemon: at SIGUSR2 it collects, and writes how much of the heap is in use. */
function probe(file: string): string {
  return `
    const { writeFileSync, renameSync } = require("node:fs");
    require("node:v8").setFlagsFromString("--expose-gc");
    const collect = require("node:vm").runInNewContext("gc");
    process.on("SIGUSR2", () => {
      collect();
      setImmediate(() => {
        collect();
        writeFileSync("${file}.new", String(process.memoryUsage().heapUsed));
        renameSync("${file}.new", "${file}");
      });
    });
  `;
}

longTest("reload - hundreds of them leave next to nothing behind in memory", async () => {
  const directory = temporaryDirectory();
  const splunk = await Splunk.start();
  const answer = join(directory, "heap");
  writeFileSync(join(directory, "probe.cjs"), probe(answer));
  writeFileSync(join(directory, "audit.log"), '{"api":{"name":"GetObject"}}\n');
  const configOf = (round: number): string =>
    writeConfig({
      directory,
      url: splunk.url,
      inputs: [
        "audit:",
        `  paths: ["${join(directory, "audit.log")}"]`,
        `  metadata: { sourcetype: "weka:${round}" }`,
      ],
      chain: [redact, `filter: { drop: 'api.name == "Head${round}"' }`],
    });
  const preload = `--require=${join(directory, "probe.cjs")}`;
  const daemon = await Daemon.start(configOf(0), { NODE_OPTIONS: preload });
  const heapInUse = async (): Promise<number> => {
    rmSync(answer, { force: true });
    daemon.signal("SIGUSR2");
    await eventually(() => existsSync(answer));
    return Number(readFileSync(answer, "utf8"));
  };
  let before = 0;
  for (let round = 1; round <= reloads; round += 1) {
    configOf(round);
    expect((await daemon.reload()).code).toBe("reloaded");
    if (round === warm_up) before = await heapInUse();
  }
  const left_by_each = ((await heapInUse()) - before) / (reloads - warm_up);
  expect(left_by_each).toBeLessThan(left_bytes_max);
  expect(await daemon.stop()).toBe(0);
});
