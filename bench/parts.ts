/** The parts of the benchmark, by name, in the order in which they run. Another part is another row. */
import { execFileSync } from "node:child_process";
import { measureEndpoints } from "./parts/endpoints.ts";
import { measureFanOut } from "./parts/fan-out.ts";
import { measureFleet } from "./parts/fleet.ts";
import { measureFramings } from "./parts/framings.ts";
import { measureHostile } from "./parts/hostile.ts";
import { measureLatency } from "./parts/latency.ts";
import { measureManyFiles } from "./parts/many-files.ts";
import { measurePreview } from "./parts/preview.ts";
import { measureProof } from "./parts/proof.ts";
import { measureReceiving } from "./parts/receiving.ts";
import { measureRivals } from "./rivals/race.ts";
import { measureStart } from "./parts/start.ts";
import { measureCompressed, measureThroughput } from "./parts/throughput.ts";
import { measurePageCost } from "./watching/page-cost.ts";
import { measurePage } from "./watching/page.ts";
import { measureTap } from "./watching/tap.ts";
import { measureWatchers } from "./watching/watchers.ts";

export interface BenchOptions {
  readonly events: number;
  readonly rounds: number;
  readonly start_rounds: number;
  readonly preview_mb: number;
  readonly files: readonly number[];
  /** Another program's dist/tallyman.js. */
  readonly beside: string | undefined;
  readonly rate: number;
  readonly seconds: number;
  readonly loads: number;
  readonly variant: string | undefined;
  readonly profile_directory: string | undefined;
}

export interface Part {
  readonly name: string;
  /** What it measures, for the help. */
  readonly says: string;
  /** Runs only where it is named. */
  readonly is_extra?: boolean;
  run(options: BenchOptions): Promise<void> | void;
}

/** Those that `micro` runs together. */
const micro = ["scanner", "detectors", "chain", "redact", "isolation", "encoder"];

export const parts: readonly Part[] = [
  {
    name: "throughput",
    says: "catching up with a file: pass-through, filter and redact, the same with gzip",
    run: measureThroughput,
  },
  {
    name: "rivals",
    says: "the same file beside the other shippers on the PATH, start-up included",
    is_extra: true,
    run: ({ variant, ...options }) => measureRivals({ ...options, race: variant }),
  },
  { name: "framings", says: "what each framing costs, beside lines", run: measureFramings },
  {
    name: "compressed",
    says: "files in gzip and zstd, beside the plain one",
    run: measureCompressed,
  },
  {
    name: "endpoints",
    says: "what a dead, hanging or slow endpoint costs the one beside it",
    run: measureEndpoints,
  },
  {
    name: "receiving",
    says: "events over a socket, and HTTP requests of one event each",
    run: ({ profile_directory }) => measureReceiving(profile_directory),
  },
  { name: "tap", says: "what a tap costs the daemon", run: measureTap },
  {
    name: "watchers",
    says: "what a tap and ten pages cost the events that pass",
    run: measureWatchers,
  },
  {
    name: "page-cost",
    says: "what ten pages cost an agent at rest, of one file and of 10,000; takes minutes",
    is_extra: true,
    run: measurePageCost,
  },
  { name: "page", says: "the page's first paint", run: ({ loads }) => measurePage(loads) },
  {
    name: "latency",
    says: "from a line's write to its arrival, of an idle agent",
    run: measureLatency,
  },
  {
    name: "preview",
    says: "`try` and `scan` on large logs",
    run: ({ preview_mb: megabytes, variant, profile_directory }) =>
      measurePreview({ megabytes, rounds: 1, variant, profile_directory }),
  },
  {
    name: "start",
    says: "what a start costs, and the memory of an agent at rest",
    run: ({ start_rounds }) => measureStart(start_rounds),
  },
  {
    name: "proof",
    says: "places and seals: off and on; `--beside` is another program, off",
    is_extra: true,
    run: (options) => measureProof(options),
  },
  {
    name: "fleet",
    says: "an agent through nats-servers, and aggregators with and without a look at each event",
    is_extra: true,
    run: measureFleet,
  },
  {
    name: "hostile",
    says: "how long lines of an attack hold the daemon's event loop",
    is_extra: true,
    run: (options) => measureHostile(options),
  },
  {
    name: "many-files",
    says: "a tree of so many files: backlog, rest, ten writes, start; takes minutes",
    is_extra: true,
    run: ({ files: counts, beside }) => measureManyFiles({ counts, beside }),
  },
  {
    name: "fan-out",
    says: "the memory of ten inputs and six outputs with gzip, while all of them catch up",
    is_extra: true,
    run: measureFanOut,
  },
  { name: "micro", says: `all of: ${micro.join(", ")}`, run: () => micro.forEach(runMicro) },
  ...micro.map((name) => ({
    name,
    says: `micro/${name}.ts alone, in nanoseconds an event`,
    is_extra: true,
    run: () => runMicro(name),
  })),
];

function runMicro(name: string): void {
  const script = new URL(`micro/${name}.ts`, import.meta.url).pathname;
  execFileSync(process.execPath, [script], { stdio: "inherit" });
}
