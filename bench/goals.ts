/** `npm run bench -- --goals`: what is aimed at, and what is reached on this machine, in one table. */
import { latencyOfIdle } from "./parts/latency.ts";
import { secondsBehindAfterOutage } from "./parts/outage.ts";
import { machineOf, medianOf, raceAll, type Result, whyNone } from "./rivals/race.ts";
import { startsOf, to_first_delivery } from "./parts/start.ts";
import { median } from "./parts/throughput.ts";

/** By race: how many times the best other shipper's rate. */
const ratios_wanted: Readonly<Record<string, number>> = {
  "mask, no gzip": 2,
  "mask, gzip": 2,
  "pass-through, no gzip": 1.2,
  "JSON-aware mask, no gzip": 8,
};
const start_rounds = 3;
const rest_ms = 10_000;

interface Row {
  readonly name: string;
  readonly reached: string;
  readonly others: string;
  readonly goal: string;
  /** Undefined where nothing can be said, such as without another shipper. */
  readonly is_met: boolean | undefined;
}

/** Another goal is another entry. */
const measures: readonly ((options: GoalOptions) => Promise<Row[]>)[] = [
  async (options) => (await raceAll(options)).map(rowOfRace),
  rowsOfStart,
  rowsOfLatency,
  rowsOfOutage,
];

interface GoalOptions {
  readonly events: number;
  readonly rounds: number;
}

export async function measureGoals(options: GoalOptions): Promise<void> {
  const rows: Row[] = [];
  for (const measure of measures) rows.push(...(await measure(options)));
  console.log(`${machineOf()}; ${options.events} events, median of ${options.rounds}\n`);
  console.log("| case | tallyman | best other | goal | met |");
  console.log("| --- | --- | --- | --- | --- |");
  for (const { name, reached, others, goal, is_met } of rows) {
    const met = is_met === undefined ? "?" : is_met ? "yes" : "no";
    console.log(`| ${[name, reached, others, goal, met].join(" | ")} |`);
  }
  console.log("");
}

function rowOfRace({ race, runs }: Result): Row {
  const [own_runs, ...other_runs] = runs.values();
  const own = medianOf(own_runs);
  const names = [...runs.keys()].slice(1);
  const others = other_runs
    .map((each, number) => ({ name: names[number]!, run: medianOf(each) }))
    .filter(({ run }) => run !== undefined)
    .toSorted((a, b) => b.run!.events_per_second - a.run!.events_per_second);
  const [best] = others;
  const wanted = ratios_wanted[race.name]!;
  const ratio = own && best && own.events_per_second / best.run!.events_per_second;
  const shown = (run: NonNullable<typeof own>): string =>
    `${Math.round(run.events_per_second).toLocaleString("en-US")}/s, ` +
    `${run.cpu_seconds_per_gb.toFixed(1)} CPU s/GB, ${run.rss_peak_mb.toFixed(0)} MB`;
  return {
    name: race.name,
    reached: `${own === undefined ? whyNone(own_runs) : shown(own)}${ratio === undefined ? "" : `, **${ratio.toFixed(2)} ×**`}`,
    others: best === undefined ? "none on the PATH" : `${best.name} ${shown(best.run!)}`,
    goal: `≥ ${wanted} ×`,
    is_met: ratio === undefined ? undefined : ratio >= wanted,
  };
}

async function rowsOfStart(): Promise<Row[]> {
  const { times_ms, resident_mb, cpu_shares } = await startsOf({ rounds: start_rounds, rest_ms });
  const start_s = median(times_ms.get(to_first_delivery)!) / 1000;
  const resident = median(resident_mb);
  const share = median(cpu_shares) * 100;
  return [
    {
      name: "start to first delivery",
      reached: `${start_s.toFixed(2)} s`,
      others: "",
      goal: "≤ 0.3 s",
      is_met: start_s <= 0.3,
    },
    {
      name: "RSS at rest, one file",
      reached: `${resident.toFixed(0)} MB`,
      others: "",
      goal: "≤ 70 MB",
      is_met: resident <= 70,
    },
    {
      name: "CPU at rest",
      reached: `${share.toFixed(1)} %`,
      others: "",
      goal: "≤ 0.3 %",
      is_met: share <= 0.3,
    },
  ];
}

async function rowsOfLatency(): Promise<Row[]> {
  const { median_ms, p99_ms } = await latencyOfIdle();
  return [
    {
      name: "latency, one event each 50 ms, p50 / p99",
      reached: `${median_ms.toFixed(1)} / ${p99_ms.toFixed(1)} ms`,
      others: "",
      goal: "≤ 1.5 / 5.4 ms",
      is_met: median_ms <= 1.5 && p99_ms <= 5.4,
    },
  ];
}

async function rowsOfOutage(): Promise<Row[]> {
  const behind_s = await secondsBehindAfterOutage();
  return [
    {
      name: "backlog of 10 s of outage at 5,000/s",
      reached: `${behind_s.toFixed(1)} s after the last line`,
      others: "",
      goal: "≤ 1 s",
      is_met: behind_s <= 1,
    },
  ];
}
