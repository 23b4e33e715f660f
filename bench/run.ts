/**
 * `npm run bench`: the whole daemon on a file of audit events, in each framing, and receiving them, the latency of an idle
 * agent, what a start costs, and the microbenchmarks. `bench/README.md` says how to read the figures.
 *
 *     npm run bench -- --events 500000 --rounds 3 --only throughput,receiving
 */
import { parseArgs } from "node:util";
import { buildIfStale } from "../scripts/bundle/stale.ts";
import { measureGoals } from "./goals.ts";
import { type BenchOptions, type Part, parts } from "./parts.ts";

const help = `Usage: npm run bench -- [OPTIONS]

Measures the program in dist/, which is built first where it is stale, on loopback; nothing is left behind.
Machines differ, and shared ones drift: compare figures of one run only, and medians.

  --only PARTS        these alone, with commas between them; by default all without a *
  --goals             the table of goals, and what this machine reaches
  --events N          events of the file that is caught up with (default: 500000)
  --rounds N          rounds, of which the median is printed (default: 3)
  --variant NAME      one variant of a part, by the name in its table
  --start-rounds N    rounds of the part start (default: 11)
  --files N,N         files of the part many-files (default: 20000,200000)
  --beside PROGRAM    another dist/tallyman.js for many-files, in turn with this one
  --rate N            events a second of the part watchers (default: 100000)
  --seconds N         length of each phase of the part watchers (default: 5)
  --loads N           loads of the part page (default: 9)
  --preview-mb N      size of the logs of the part preview (default: 100)
  --cpu-prof FOLDER   has the daemon write profiles there, for the DevTools of Chromium
  --help              this text

Parts:
${parts.map(({ name, says, is_extra }) => `  ${`${name}${is_extra ? " *" : ""}`.padEnd(14)} ${says}`).join("\n")}

Examples:
  npm run bench -- --only throughput --variant pass-through --cpu-prof /tmp/profile
  npm run bench -- --only rivals --events 500000 --rounds 5
`;

/** Says what is wrong with the command line, and ends. */
function refuse(message: string): never {
  console.error(`${message}\nSee npm run bench -- --help.`);
  process.exit(2);
}

function readArguments() {
  try {
    return parseArgs({
      options: {
        events: { type: "string", default: "500000" },
        rounds: { type: "string", default: "3" },
        "start-rounds": { type: "string", default: "11" },
        only: { type: "string" },
        goals: { type: "boolean", default: false },
        help: { type: "boolean", short: "h", default: false },
        "cpu-prof": { type: "string" },
        variant: { type: "string" },
        "preview-mb": { type: "string", default: "100" },
        files: { type: "string", default: "20000,200000" },
        beside: { type: "string" },
        rate: { type: "string", default: "100000" },
        seconds: { type: "string", default: "5" },
        loads: { type: "string", default: "9" },
      },
    }).values;
  } catch (thrown) {
    return refuse((thrown as Error).message);
  }
}

type CountOption =
  "events" | "rounds" | "start-rounds" | "preview-mb" | "rate" | "seconds" | "loads";

function countOf(option: CountOption): number {
  return wholeNumber(option, values[option]);
}

function wholeNumber(option: string, text: string): number {
  const count = Number(text);
  return Number.isInteger(count) && count > 0
    ? count
    : refuse(`--${option} takes a whole number above 0, not ${text}.`);
}

function chosenParts(): Part[] {
  if (values.only === undefined) return parts.filter(({ is_extra }) => !is_extra);
  const names = values.only.split(",");
  const unknown = names.find((name) => parts.every((part) => part.name !== name));
  if (unknown !== undefined) refuse(`--only does not know the part ${unknown}.`);
  return parts.filter(({ name }) => names.includes(name));
}

const values = readArguments();
if (values.help) {
  process.stdout.write(help);
  process.exit();
}
const options: BenchOptions = {
  events: countOf("events"),
  rounds: countOf("rounds"),
  start_rounds: countOf("start-rounds"),
  preview_mb: countOf("preview-mb"),
  files: values.files.split(",").map((text) => wholeNumber("files", text)),
  beside: values.beside,
  rate: countOf("rate"),
  seconds: countOf("seconds"),
  loads: countOf("loads"),
  variant: values.variant,
  profile_directory: values["cpu-prof"],
};
const chosen = chosenParts();
buildIfStale();
console.log(`Node ${process.version}, ${process.arch}\n`);
if (values.goals) await measureGoals(options);
else for (const part of chosen) await part.run(options);
