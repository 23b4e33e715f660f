/** What the picture of the flow shows: a few boxes, whatever the number of inputs, chains and outputs. */
import type {
  ChainSummary,
  InputSummary,
  OutputSummary,
  StepSummary,
  Summary,
} from "../../admin/web/summary.ts";
import { bytes, compact, duration, plural, rate } from "./format.ts";
import type { Level } from "./health.ts";
import type { Rates } from "./rates.ts";

export interface FlowBox {
  readonly id: string;
  readonly title: string;
  readonly rate: number;
  /** How it is, in a few words. */
  readonly line: string;
  readonly level: Level;
}

export interface FlowStep {
  readonly title: string;
  readonly rate: number;
  /** What it ends or changes; empty for nothing. */
  readonly line: string;
  readonly level: Level;
}

export interface FlowChain {
  readonly id: string;
  readonly title: string;
  readonly rate: number;
  readonly steps: readonly FlowStep[];
}

export interface FlowLink {
  readonly from: string;
  readonly to: string;
  readonly rate: number;
  /** Whether nothing gets through. */
  readonly is_held: boolean;
}

export interface Flow {
  readonly inputs: readonly FlowBox[];
  readonly chains: readonly FlowChain[];
  readonly outputs: readonly FlowBox[];
  readonly links: readonly FlowLink[];
}

/** Of more, the rest is one box. */
const boxes_max = 7;
const chains_max = 4;
const steps_max = 8;
const rest = "…";
/** An input that is behind by less than this is up to date: a writer is always ahead by something. */
const behind_seconds_min = 5;

export function flowOf(summary: Summary, rates: Rates): Flow {
  const busiest = summary.inputs.toSorted(
    (one, other) =>
      Number(other.has_problem) - Number(one.has_problem) ||
      rates.input(other.name) - rates.input(one.name),
  );
  const chains = shown(summary.chains, summary.other_chains, chains_max);
  const inputs = byChain(shown(busiest, summary.other_inputs, boxes_max), summary.chains);
  const outputs = shown(summary.outputs, summary.other_outputs, boxes_max);
  const input_boxes = inputs.listed.map((input) => inputBox(input, rates));
  if (inputs.others > 0) input_boxes.push(otherInputs(summary, rates, inputs));
  const output_boxes = outputs.listed.map((output) => outputBox(output, rates));
  if (outputs.others > 0) output_boxes.push(restBox("out", outputs.others, "outputs"));
  const flow_chains = chains.listed.map((chain) => flowChain(chain, rates));
  if (chains.others > 0) {
    const title = `${chains.others} more chains`;
    flow_chains.push({ id: `chain ${rest}`, title, rate: 0, steps: [] });
  }
  return {
    inputs: input_boxes,
    chains: flow_chains,
    outputs: output_boxes,
    links: linksOf(summary, rates, { inputs, chains, outputs }),
  };
}

/** What is listed, and how many are not. */
interface Shown<Item> {
  readonly listed: readonly Item[];
  readonly rest: readonly Item[];
  readonly others: number;
}

function shown<Item>(items: readonly Item[], unlisted: number, most: number): Shown<Item> {
  const total = items.length + unlisted;
  const number = total <= most ? items.length : Math.min(items.length, most - 1);
  return { listed: items.slice(0, number), rest: items.slice(number), others: total - number };
}

/** In the order of their chains, so that few lines cross. */
function byChain(
  inputs: Shown<InputSummary>,
  chains: readonly ChainSummary[],
): Shown<InputSummary> {
  const place = new Map(chains.map(({ name }, at) => [name, at]));
  const placeOf = ({ chain }: InputSummary): number => place.get(chain) ?? chains.length;
  const listed = inputs.listed.toSorted((one, other) => placeOf(one) - placeOf(other));
  return { ...inputs, listed };
}

function inputBox(input: InputSummary, rates: Rates): FlowBox {
  const { name, type, files, connections, has_problem, paused_seconds } = input;
  const what =
    files === undefined
      ? connections === undefined
        ? type
        : `${type}, ${plural(connections, "client")}`
      : plural(files, "file");
  const held = paused_seconds >= behind_seconds_min ? "held back, " : "";
  return {
    id: `in ${name}`,
    title: name,
    rate: rates.input(name),
    line: `${what} · ${held}${lagText(input.lag_bytes, input.lag_seconds)}`,
    level: has_problem || held !== "" ? "notice" : "good",
  };
}

function lagText(lag_bytes: number, lag_seconds: number): string {
  if (lag_seconds < behind_seconds_min) return "up to date";
  const behind = `${duration(lag_seconds)} behind`;
  return lag_bytes === 0 ? behind : `${bytes(lag_bytes)}, ${behind}`;
}

function otherInputs(summary: Summary, rates: Rates, inputs: Shown<InputSummary>): FlowBox {
  const listed = inputs.listed;
  const rate_listed = sum(listed.map(({ name }) => rates.input(name)));
  const lag_bytes = summary.lag_bytes - sum(listed.map((input) => input.lag_bytes));
  const lag_seconds = Math.max(0, ...inputs.rest.map((input) => input.lag_seconds));
  return {
    id: `in ${rest}`,
    title: `${inputs.others} more inputs`,
    rate: Math.max(0, (rates.received ?? 0) - rate_listed),
    line: lagText(Math.max(0, lag_bytes), lag_seconds),
    level: inputs.rest.some(({ has_problem }) => has_problem) ? "notice" : "good",
  };
}

function outputBox(output: OutputSummary, rates: Rates): FlowBox {
  const { name, type, state, reason, latency_seconds, endpoints, other_endpoints } = output;
  const all = endpoints.length + other_endpoints;
  const up = all - endpoints.filter((each) => each.state !== "sending").length;
  const where = all > 1 ? `${up} of ${all} endpoints` : type;
  const late = latency_seconds === undefined ? "" : ` · mean ${duration(latency_seconds)}`;
  const why = reason === undefined ? state : `${state}: ${reason}`;
  return {
    id: `out ${name}`,
    title: name,
    rate: rates.output(name),
    line: state === "sending" ? `${where}${late}` : why,
    level: state !== "sending" ? "bad" : up < all ? "notice" : "good",
  };
}

function restBox(kind: "out", others: number, what: string): FlowBox {
  return {
    id: `${kind} ${rest}`,
    title: `${others} more ${what}`,
    rate: 0,
    line: "",
    level: "good",
  };
}

function flowChain(chain: ChainSummary, rates: Rates): FlowChain {
  const { name, steps, other_steps, inputs } = chain;
  const { listed, others } = shown(steps, other_steps, steps_max);
  const rows = listed.map((step, at) =>
    flowStep(step, rates.step(name, at, "events"), rates.step(name, at, "ended")),
  );
  if (others > 0) rows.push({ title: `${others} more steps`, rate: 0, line: "", level: "good" });
  const own = name === "chain" ? "Chain" : `Chain of ${name}`;
  return {
    id: `chain ${name}`,
    title: name === "chain" && inputs > 1 ? `${own} of ${inputs} inputs` : own,
    rate: rates.chain(name),
    steps: rows,
  };
}

function flowStep(step: StepSummary, events: number, ended: number): FlowStep {
  const what = [
    [step.filtered, "filtered"],
    [step.dropped, "dropped"],
    [step.quarantined, "quarantined"],
    [step.changed, "changed"],
  ] as const;
  const parts = what
    .filter(([number]) => number > 0)
    .map(([number, word]) => `${compact(number)} ${word}`);
  const now = ended > 0 ? `ends ${rate(ended)}` : "";
  return {
    title: step.name,
    rate: events,
    line: [parts.slice(0, 2).join(", "), now].filter((each) => each !== "").join(" · "),
    level: step.failed > 0 ? "bad" : "good",
  };
}

interface ShownParts {
  readonly inputs: Shown<InputSummary>;
  readonly chains: Shown<ChainSummary>;
  readonly outputs: Shown<OutputSummary>;
}

function linksOf(
  summary: Summary,
  rates: Rates,
  { inputs, chains, outputs }: ShownParts,
): FlowLink[] {
  const chainId = (name: string): string =>
    `chain ${chains.listed.some((chain) => chain.name === name) ? name : rest}`;
  const outputId = (name: string): string =>
    `out ${outputs.listed.some((output) => output.name === name) ? name : rest}`;
  const links = new Map<string, FlowLink>();
  const add = (link: FlowLink): void => {
    const key = `${link.from} → ${link.to}`;
    const former = links.get(key);
    links.set(key, former === undefined ? link : { ...link, rate: former.rate + link.rate });
  };
  for (const { name, chain, paused_seconds } of inputs.listed) {
    const is_held = paused_seconds >= behind_seconds_min;
    add({ from: `in ${name}`, to: chainId(chain), rate: rates.input(name), is_held });
  }
  for (const { name, chain } of inputs.rest) {
    add({ from: `in ${rest}`, to: chainId(chain), rate: rates.input(name), is_held: false });
  }
  const held = new Set(
    outputs.listed.filter(({ state }) => state !== "sending").map(({ name }) => name),
  );
  for (const chain of summary.chains) {
    const total = Math.max(1, sum(Object.values(chain.delivered)));
    const targets = Object.keys(chain.delivered);
    // Before the first delivery, events are on their way to the default output.
    const names =
      targets.length > 0 ? targets : summary.outputs.slice(0, 1).map(({ name }) => name);
    for (const name of names) {
      const part = (chain.delivered[name] ?? 0) / total;
      const is_held = held.has(name);
      add({
        from: chainId(chain.name),
        to: outputId(name),
        rate: rates.chain(chain.name) * part,
        is_held,
      });
    }
  }
  return [...links.values()];
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
