/**
 * A configuration to start from: YAML with comments, which `tallyman check` takes. `tallyman scan --config` makes it of what
 * was found in a log, `tallyman init` of that and of what is known about a kind of log.
 */
import { resolve } from "node:path";
import { escapeGlob } from "../../config/document/paths.ts";
import { isUsualTime, type LogFindings } from "./findings.ts";

/** The parts of a configuration, as lines of YAML that begin in the first column. */
export interface Start {
  /** What stands before everything: comments. */
  readonly head: readonly string[];
  /** The name of the one input. */
  readonly name: string;
  readonly input: readonly string[];
  readonly chain: readonly string[];
  readonly output: readonly string[];
  /** What stands behind everything. */
  readonly rest?: readonly string[];
}

/** The configuration as lines. */
export function configLines({ head, name, input, chain, output, rest = [] }: Start): string[] {
  return [
    ...head,
    "",
    "inputs:",
    `  ${name}:`,
    ...indented(input, 4),
    "",
    "chain:",
    ...indented(chain, 2),
    "",
    "output:",
    ...indented(output, 2),
    ...(rest.length === 0 ? [] : ["", ...rest]),
  ];
}

/** The configuration that `tallyman scan` prints. */
export function startingConfig(findings: LogFindings): string[] {
  const { files, known, framing } = findings;
  const logs = files.filter((file) => file !== "-").map((file) => resolve(file));
  const given = ["/path/to/the.log # the log that was read came over standard input"];
  return configLines({
    head: [
      "# Made by `tallyman scan`. Look at what would leave this host before it does:",
      `#   tallyman try -c THIS_FILE ${logs.map((log) => JSON.stringify(log)).join(" ")}`.trimEnd(),
    ],
    name: "audit",
    input: [
      ...pathLines(logs.length > 0 ? logs.map((log) => quoted(escapeGlob(log))) : given),
      ...(framing === undefined ? [] : [`framing: ${framing}`]),
      ...splitKeyLines(findings),
      ...metadataLines({ sourcetype: known?.sourcetype }),
      ...timeLines(findings),
    ],
    chain: [...parseLines(findings), ...redactLines({ ...findings, pack: known?.pack })],
    output: ["url: https://splunk.example:8088", 'token: "${env:SPLUNK_HEC_TOKEN}"'],
  });
}

/** What is left to do where lines of private keys are events by themselves. */
export function splitKeyLines({ split_keys }: Pick<LogFindings, "split_keys">): string[] {
  if (split_keys === 0) return [];
  return [
    "# WARNING: private keys stand here over several lines, and each line is an event by itself. The lines inside",
    "# a key WOULD LEAVE AS THEY ARE. Write how an event of yours begins, so that its lines stay together:",
    "# framing: { multiline: { start: '^\\d{4}-\\d\\d-\\d\\d ' } }",
  ];
}

/** The option `paths`; each is a path or a glob as it stands in YAML. */
export function pathLines(paths: readonly string[]): string[] {
  return ["paths:", ...paths.map((path) => `  - ${path}`)];
}

/** What Splunk calls the events, and where it keeps them, as far as either is known. */
export function metadataLines(metadata: {
  readonly sourcetype: string | undefined;
  readonly index?: string | undefined;
}): string[] {
  const { sourcetype, index } = metadata;
  return [
    ...(sourcetype === undefined && index === undefined ? [] : ["metadata:"]),
    ...(sourcetype === undefined ? [] : [`  sourcetype: ${quoted(sourcetype)}`]),
    ...(index === undefined ? [] : [`  index: ${quoted(index)}`]),
  ];
}

/** The option `time`, where the daemon would not find the time by itself. */
export function timeLines({
  times,
  head_time,
}: Pick<LogFindings, "times" | "head_time">): string[] {
  const time = times[0];
  const is_told = time !== undefined && !isUsualTime(time.path);
  const needs_zone = (time ?? head_time)?.needs_zone === true;
  const lines = is_told || needs_zone ? ["time:"] : [];
  if (is_told) lines.push(`  field: [${quoted(time.path)}]`);
  if (needs_zone) {
    lines.push("  # Its times name no zone: write the one that they are in.", "  zone: UTC");
  }
  return lines;
}

/** The step that makes fields of texts, where their format is known. */
export function parseLines(facts: Pick<LogFindings, "text_format">): string[] {
  if (facts.text_format === undefined) return [];
  return ["# Makes fields of the texts.", "- parse:", `    format: ${facts.text_format}`];
}

/** Whether credentials stand in hexadecimal digits, as auditd writes arguments, or will sooner or later. */
function isHexadecimal({ pack, secret_encodings }: RedactFacts): boolean {
  return pack === "auditd" || secret_encodings.includes("hexadecimal");
}

/** What a redact step is made from. */
export interface RedactFacts extends Pick<
  LogFindings,
  "texts" | "events" | "text_secrets" | "text_format" | "secret_encodings"
> {
  readonly pack: string | undefined;
}

/** The step that masks what is secret. */
export function redactLines(facts: RedactFacts): string[] {
  const { pack, texts, events, text_secrets, text_format } = facts;
  const lines = ["- redact:"];
  const within = isHexadecimal(facts) ? "json, url, base64, hex" : "json, url, base64";
  if (pack !== undefined) lines.push(`    pack: [${pack}]`);
  lines.push(
    "    # Credentials of known forms, in every string, also in these encodings.",
    "    detect: [credentials]",
    `    within: [${within}]`,
  );
  if (texts > 0 && text_format === undefined) {
    const which = texts === events ? "These events are" : "Some of these events are";
    const held = text_secrets.length > 0 ? ", and hold credentials" : "";
    lines.push(
      `    # ${which} text, not JSON${held}. Text is masked as far as it can be.`,
      "    on_unreadable: text",
    );
  }
  return lines;
}

function indented(lines: readonly string[], columns: number): string[] {
  return lines.map((line) => (line === "" ? "" : " ".repeat(columns) + line));
}

/** Text in YAML's double quotes, which are JSON's; nothing in it is a reference, whatever a log or a user has named so. */
export function quoted(text: string): string {
  // In a text that replaces, "$$" would be one "$".
  return JSON.stringify(text).replaceAll("${", () => "$${");
}
