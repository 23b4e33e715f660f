/**
 * The types of outputs and their options; which outputs a configuration has; and what is wrong with them as a whole.
 */
import { z } from "zod";
import { outputBufferOptions } from "../journal/options.ts";
import { isFullFile } from "../output/file/archive-file.ts";
import { fileOutputOptions } from "../output/file/options.ts";
import { natsOutputOptions } from "../output/nats/options.ts";
import { splunkHecOptions } from "../output/splunk-hec/options.ts";
import { stdoutOutputOptions } from "../output/stdout/options.ts";
import { suggestion } from "../platform/text/suggest.ts";
import { ofType } from "./component-types.ts";
import { isRecord, type ConfigPath } from "./document/place.ts";

const name_length_max = 64;

export const outputName = z
  .string()
  .regex(
    /^[a-z][a-z0-9_]*$/,
    "expected a name of lower-case letters, digits and _, such as archive",
  )
  .max(name_length_max);

export function isOutputName(name: string): boolean {
  return outputName.safeParse(name).success;
}

export const outputOptions = z.discriminatedUnion("type", [
  splunkHecOptions.safeExtend(outputBufferOptions),
  ofType("file", () => fileOutputOptions().extend(outputBufferOptions)),
  stdoutOutputOptions.extend(outputBufferOptions),
  ofType("nats", () => natsOutputOptions().safeExtend(outputBufferOptions)),
]);

/** The options of one output, of whatever type. */
export type OutputOptions = z.output<typeof outputOptions>;

/** What a configuration says of its outputs. */
export interface OutputSettings {
  readonly output?: OutputOptions | undefined;
  readonly outputs?: Readonly<Record<string, OutputOptions>> | undefined;
  readonly default_output?: string | undefined;
}

export interface NamedOutput {
  /** What its events are counted under. */
  readonly name: string;
  readonly options: OutputOptions;
  /** Where it is in the configuration. */
  readonly at: readonly string[];
}

/** What goes to a stream of batches goes there by its number. */
export function takesPlaces({ options }: NamedOutput): boolean {
  return options.type === "nats";
}

/** What the one output is called that is under `output`. */
const name_by_type = {
  splunk_hec: "splunk",
  file: "file",
  stdout: "stdout",
  nats: "nats",
} as const;

/** The outputs; the default one, that gets what no step has routed, comes first. */
export function outputsOf({ output, outputs, default_output }: OutputSettings): NamedOutput[] {
  if (output !== undefined) {
    return [{ name: name_by_type[output.type], options: output, at: ["output"] }];
  }
  const named = Object.entries(outputs ?? {}).map(([name, options]): NamedOutput => {
    return { name, options, at: ["outputs", name] };
  });
  const is_default = ({ name }: NamedOutput): boolean => name === default_output;
  return [...named.filter(is_default), ...named.filter((each) => !is_default(each))];
}

export interface NamedSplunkOutput extends NamedOutput {
  readonly options: Extract<OutputOptions, { type: "splunk_hec" }>;
}

/** Those of the outputs that send to Splunk. */
export function splunkOutputs(settings: OutputSettings): NamedSplunkOutput[] {
  return outputsOf(settings).flatMap(({ name, options, at }) =>
    options.type === "splunk_hec" ? [{ name, options, at }] : [],
  );
}

/** The names of the outputs in a configuration of whatever shape. */
export function outputNamesIn(value: unknown): string[] {
  if (!isRecord(value)) return [];
  if (isRecord(value["outputs"])) return Object.keys(value["outputs"]);
  const type = isRecord(value["output"]) ? value["output"]["type"] : undefined;
  const types: Readonly<Record<string, string>> = name_by_type;
  return [typeof type === "string" && Object.hasOwn(types, type) ? types[type]! : "splunk"];
}

export interface OutputMistake {
  path: ConfigPath;
  message: string;
  at?: "key";
}

/** What is wrong with the outputs of a configuration of whatever shape, beside what the schema finds. */
export function outputMistakes(value: unknown): OutputMistake[] {
  if (!isRecord(value)) return [];
  const { output, outputs, default_output } = value;
  if (output === undefined && outputs === undefined) {
    const message = "is missing: where events go; for several, write `outputs`";
    return [{ path: ["output"], message }];
  }
  if (output !== undefined && outputs !== undefined) {
    const message = "`outputs` is given, too; keep one of the two";
    return [{ path: ["output"], message, at: "key" }];
  }
  return [...defaultMistakes(default_output, outputs), ...sharedPlaces(outputs)];
}

function defaultMistakes(name: unknown, outputs: unknown): OutputMistake[] {
  if (typeof name !== "string") return [];
  const path = ["default_output"];
  if (outputs === undefined) {
    return [
      { path, message: "it chooses among several `outputs`, but there is only one `output`" },
    ];
  }
  if (!isRecord(outputs) || Object.hasOwn(outputs, name)) return [];
  return [
    { path, message: `there is no output "${name}"${suggestion(name, Object.keys(outputs))}` },
  ];
}

/** Two writers to one file would tear each other's lines. */
function sharedPlaces(outputs: unknown): OutputMistake[] {
  const places: { name: string; file: string | undefined }[] = [];
  return Object.entries(isRecord(outputs) ? outputs : {}).flatMap(([name, output]) => {
    if (!isRecord(output)) return [];
    const { type, path } = output;
    if (type !== "stdout" && (type !== "file" || typeof path !== "string")) return [];
    const file = type === "file" ? (path as string) : undefined;
    const other = places.find((place) => isShared(place.file, file));
    places.push({ name, file });
    if (other === undefined) return [];
    const option = type === "file" ? "path" : "type";
    const message = `output ${other.name} already writes there`;
    return [{ path: ["outputs", name, option], message }];
  });
}

/** Of two files, or standard output: whether they are one, or one is a full file behind the other. */
function isShared(one: string | undefined, other: string | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  return one === other || isFullFile(one, other) || isFullFile(other, one);
}
