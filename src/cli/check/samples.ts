/**
 * What the rules of a configuration find in the first events of its inputs' own files: as lines, and what of it is likely a
 * mistake as warnings.
 */
import { basename } from "node:path";
import type { NameDoubt } from "../../chain/name-watch.ts";
import { findText, placeOfText } from "../../chain/find-text.ts";
import type { Config } from "../../config/config.ts";
import type { Section } from "../../config/explain/explain-input.ts";
import type { Complaint } from "../../platform/errors.ts";
import type { PathHits } from "../../preview/rule-hits.ts";
import type { InputSample, StepSample } from "../../preview/samples/sample-input.ts";
import { countOf, manyOf } from "../status/table.ts";

const shown_max = 30;

/** A section for each input. */
export function sampleSections(samples: readonly InputSample[]): Section[] {
  return samples.map((sample) => ({
    title: `Tried on input ${sample.input}: ${whereOf(sample)}`,
    lines: [
      ...endLines(sample),
      ...sample.steps.flatMap((step) => stepLines(step)),
      ...leftOut(sample),
    ],
  }));
}

/** What in the steps is likely mistaken, each at its place. */
export function sampleWarnings(config: Config, samples: readonly InputSample[]): Complaint[] {
  const warnings = samples.flatMap((sample) => {
    const others = samples.filter(
      (other) => other !== sample && other.is_common_chain && sample.is_common_chain,
    );
    const at = sample.is_common_chain ? ["chain"] : ["inputs", sample.input, "chain"];
    return sample.steps.flatMap((step) => {
      const same = others.flatMap(({ steps }) => steps[step.number] ?? []);
      return warningsOf(step, same, whereOf(sample)).map(({ text, message }) =>
        config.complain([...at, step.number, ...placeOfText(step.options, text)], message),
      );
    });
  });
  return [...warnings, ...unsentWarnings(config, samples)];
}

function whereOf({ events, files }: InputSample): string {
  const names = files.map((file) => basename(file)).join(", ");
  return `the first ${events === 1 ? "event" : manyOf(events, "event")} of ${names}`;
}

function endLines({ events, ends }: InputSample): string[] {
  const kept = ends.get("kept") ?? 0;
  const others = [...ends].filter(([end]) => end !== "kept");
  const rest = others.slice(0, shown_max).map(([end, count]) => `${countOf(count)} ${end}`);
  if (rest.length === 0) return [`All ${countOf(events)} would be sent.`];
  return [`${countOf(kept)} would be sent; ${rest.join(", ")}.`];
}

function stepLines({
  step,
  number,
  plugin,
  received,
  changed,
  ended,
  failed,
  ...found
}: StepSample) {
  const title = step === plugin ? step : `${step} (${plugin})`;
  const named = `${number + 1}. ${title}`;
  if (received === 0) return [`${named}: no event came to it.`];
  const did = [
    ...(changed > 0 ? [`changes ${countOf(changed)}`] : []),
    ...(ended > 0 ? [`ends ${countOf(ended)}`] : []),
    ...(failed > 0 ? [`fails on ${countOf(failed)}`] : []),
  ];
  const what = did.length === 0 ? "changes none" : did.join(", ");
  const { paths, absent } = found;
  const lines = [
    ...paths.map(({ path, events, matched }) =>
      matched && events > 0
        ? `  ${path}: in ${manyOf(events, "event")}`
        : `  ${path}: ${matched ? "in JSON in strings" : "in none of them"}`,
    ),
    ...absent.map((name) => `  ${name}, in a condition: in none of them`),
  ];
  const more = lines.length - shown_max;
  return [
    `${named}: of ${manyOf(received, "event")} it ${what}.`,
    ...lines.slice(0, shown_max),
    ...(more > 0 ? [`  and ${more} more`] : []),
  ];
}

function leftOut({ steps, left_out }: InputSample): string[] {
  if (left_out === undefined) return [];
  const step = `${steps.length + 1}. ${left_out}`;
  return [
    `${step}: not tried, nor what follows it: check gives no events to plugins of your own; tallyman try does.`,
  ];
}

/** A warning, and the text in the options of the step that it is about. */
interface About {
  readonly text: string;
  readonly message: string;
}

function warningsOf(step: StepSample, same: readonly StepSample[], where: string): About[] {
  return [
    ...pathWarnings(step, same, where),
    ...step.doubts.flatMap((doubt) => doubtWarning(doubt, step, same)),
    ...unquotedWarnings(step, where),
    ...keepWarning(step, same, where),
  ];
}

function pathWarnings(step: StepSample, same: readonly StepSample[], where: string): About[] {
  const { plugin, received, paths, matched } = step;
  if (plugin !== "redact" || received === 0) return [];
  const isElsewhere = ({ path }: PathHits): boolean =>
    same.some((other) => other.paths.some((each) => each.path === path && each.matched));
  const missed = paths.filter((path) => !path.matched && !isElsewhere(path));
  const meant = missed.flatMap(({ path, did_you_mean }) => {
    if (did_you_mean === undefined) return [];
    const message = `this path finds nothing in ${where}; did you mean ${did_you_mean}?`;
    return [{ text: path, message }];
  });
  const is_idle = !matched && missed.length > 0 && !same.some((other) => other.matched);
  if (meant.length > 0 || !is_idle) return meant;
  const message = `this step finds nothing by its rules in ${where}: they are sent as they are`;
  return [{ text: "redact", message }];
}

function doubtWarning(doubt: NameDoubt, step: StepSample, same: readonly StepSample[]): About[] {
  const { path, kind, message } = doubt;
  const has = ({ doubts }: StepSample): boolean =>
    doubts.some((each) => each.path === path && each.kind === kind);
  if (same.some((other) => other.received > 0 && !has(other) && !other.absent.includes(path)))
    return [];
  // A name may rightly be that of a rare event's value, where the step has had something to do.
  const is_of_use = step.is_keep ? step.received > step.ended : step.matched;
  return kind === "near_key" && is_of_use ? [] : [{ text: path, message }];
}

/** As in `api.name == GetObject`. */
function unquotedWarnings({ absent, doubts, options }: StepSample, where: string): About[] {
  return absent.flatMap((name) => {
    if (!/^\w+$/.test(name) || doubts.some(({ path }) => path === name)) return [];
    const compared = new RegExp(`[=!]=\\s*${name}(?![\\w.(\\[])`);
    const place = findText(options, (each) => compared.test(each), 0);
    if (place === undefined) return [];
    const message = `${name} is a key of the event here, and no event has it in ${where}; a text is written "${name}"`;
    return [{ text: name, message }];
  });
}

function keepWarning(step: StepSample, same: readonly StepSample[], where: string): About[] {
  const keepsNone = ({ received, ended, failed }: StepSample): boolean =>
    received > 0 && ended === received && failed === 0;
  if (!step.is_keep || !keepsNone(step)) return [];
  if (same.some((other) => other.received > 0 && !keepsNone(other))) return [];
  return [{ text: "keep", message: `this filter keeps none of ${where}` }];
}

/** Most likely the framing does not fit, or the log is no JSON. */
function unsentWarnings(config: Config, samples: readonly InputSample[]): Complaint[] {
  return samples.flatMap(({ input, events, ends, ...sample }) => {
    const [end, ...others] = ends;
    if (end === undefined || others.length > 0 || !end[0].startsWith("quarantined")) return [];
    const where = whereOf({ input, events, ends, ...sample });
    const message = `all of ${where} would go to quarantine, and nothing would be sent: ${end[0]}`;
    return [config.complain(["inputs", input], message, "key", "own")];
  });
}
