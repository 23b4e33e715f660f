/**
 * `npm run bench`: the whole daemon on a file of audit events, in each framing, and receiving them, the latency of an idle
 * agent, what a start costs, and the microbenchmarks. `bench/README.md` says how to read the figures.
 *
 *     npm run bench -- --events 500000 --rounds 3 --only throughput,receiving
 */
import { execFileSync } from "node:child_process";
import { parseArgs } from "node:util";
import { buildIfStale } from "../scripts/bundle/stale.ts";
import { measureEndpoints } from "./endpoints.ts";
import { measureFramings } from "./framings.ts";
import { measureLatency } from "./latency.ts";
import { measureManyFiles } from "./many-files.ts";
import { measurePage } from "./watching/page.ts";
import { measurePreview } from "./preview.ts";
import { measureReceiving } from "./receiving.ts";
import { measureStart } from "./start.ts";
import { measureTap } from "./watching/tap.ts";
import { measureCompressed, measureThroughput } from "./throughput.ts";
import { measureWatchers } from "./watching/watchers.ts";

const { values } = parseArgs({
  options: {
    events: { type: "string", default: "500000" },
    rounds: { type: "string", default: "3" },
    "start-rounds": { type: "string", default: "11" },
    only: { type: "string" },
    "cpu-prof": { type: "string" },
    variant: { type: "string" },
    files: { type: "string", default: "20000,200000" },
    beside: { type: "string" },
    loads: { type: "string", default: "9" },
    rate: { type: "string", default: "100000" },
    seconds: { type: "string", default: "5" },
    "preview-mb": { type: "string", default: "100" },
  },
});

function wanted(part: string): boolean {
  return values.only === undefined || values.only.split(",").includes(part);
}

/** For what measures how fast files are read. */
const of_files = {
  events: Number(values.events),
  rounds: Number(values.rounds),
  variant: values.variant,
  profile_directory: values["cpu-prof"],
};

buildIfStale();
console.log(`Node ${process.version}, ${process.arch}\n`);
if (wanted("throughput")) await measureThroughput(of_files);
if (wanted("framings")) await measureFramings(of_files);
if (wanted("compressed")) await measureCompressed(of_files);
if (wanted("endpoints")) {
  await measureEndpoints({ events: Number(values.events), rounds: Number(values.rounds) });
}
if (wanted("receiving")) await measureReceiving(values["cpu-prof"]);
if (wanted("tap")) {
  await measureTap({ events: Number(values.events), rounds: Number(values.rounds) });
}
if (wanted("watchers")) {
  await measureWatchers({
    rate: Number(values.rate),
    rounds: Number(values.rounds),
    seconds: Number(values.seconds),
  });
}
if (wanted("page")) await measurePage(Number(values.loads));
if (wanted("latency")) await measureLatency();
if (wanted("preview")) {
  await measurePreview({
    megabytes: Number(values["preview-mb"]),
    rounds: 1,
    variant: values.variant,
    profile_directory: values["cpu-prof"],
  });
}
if (wanted("start")) await measureStart(Number(values["start-rounds"]));
// It takes minutes, so it has to be asked for.
if (values.only !== undefined && wanted("many-files")) {
  const counts = values.files.split(",").map(Number);
  await measureManyFiles({ counts, beside: values.beside });
}
const micro = ["scanner", "detectors", "chain", "redact", "isolation", "encoder"];
for (const name of micro) {
  if (wanted("micro") || wanted(name)) {
    execFileSync(process.execPath, [new URL(`micro/${name}.ts`, import.meta.url).pathname], {
      stdio: "inherit",
    });
  }
}
