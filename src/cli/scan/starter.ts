/**
 * A configuration to start from, made of what was found in a log: YAML with comments, which `tallyman check` takes.
 */
import { resolve } from "node:path";
import { escapeGlob } from "../../config/document/paths.ts";
import { isUsualTime, type LogFindings } from "./findings.ts";

/** The configuration as lines. */
export function startingConfig(findings: LogFindings): string[] {
  const { files } = findings;
  const logs = files.filter((file) => file !== "-").map((file) => resolve(file));
  return [
    "# Made by `tallyman scan`. Look at what would leave this host before it does:",
    `#   tallyman try -c THIS_FILE ${logs.map(quoted).join(" ")}`.trimEnd(),
    "state_dir: /var/lib/tallyman",
    "",
    "inputs:",
    "  audit:",
    ...inputLines(findings, logs).map((line) => `    ${line}`),
    "",
    ...chainLines(findings),
    "",
    "output:",
    "  url: https://splunk.example:8088",
    '  token: "${env:SPLUNK_HEC_TOKEN}"',
  ];
}

function inputLines(
  { framing, known, times, head_time }: LogFindings,
  logs: readonly string[],
): string[] {
  const paths =
    logs.length > 0
      ? logs.map(pathOf)
      : ["/path/to/the.log # the log that was read came over standard input"];
  const lines = ["paths:", ...paths.map((path) => `  - ${path}`)];
  if (framing !== undefined) lines.push(`framing: ${framing}`);
  if (known !== undefined) lines.push("metadata:", `  sourcetype: ${quoted(known.sourcetype)}`);
  const time = times[0];
  const is_told = time !== undefined && !isUsualTime(time.path);
  const needs_zone = (time ?? head_time)?.needs_zone === true;
  if (is_told || needs_zone) lines.push("time:");
  if (is_told) lines.push(`  field: [${quoted(time.path)}]`);
  if (needs_zone) {
    lines.push("  # Its times name no zone: write the one that they are in.", "  zone: UTC");
  }
  return lines;
}

function chainLines(findings: LogFindings): string[] {
  const { known, texts, events, text_secrets, text_format, secret_encodings } = findings;
  const lines: string[] = [];
  const is_hexadecimal = secret_encodings.includes("hexadecimal");
  if (text_format !== undefined && !is_hexadecimal) {
    lines.push("  # Makes fields of the texts.", "  - parse:", `      format: ${text_format}`);
  }
  lines.push("  - redact:");
  if (known?.pack !== undefined) lines.push(`      pack: [${known.pack}]`);
  lines.push(
    "      # Credentials of known forms, in every string, and in what strings hold in these encodings.",
    "      detect: [credentials]",
    "      within: [json, url, base64]",
  );
  if (is_hexadecimal) {
    lines.push(
      "      # There are credentials in hexadecimal digits, which redact does not look into: what is not JSON is kept back.",
      "      # For auditd, docs/operations/recipes/auditd.md has a step that makes events of them, which can be redacted.",
      "      on_unreadable: quarantine",
    );
  } else if (texts > 0 && text_format === undefined) {
    const share = texts === events ? "These events are" : "Some of these events are";
    const masked = text_secrets.length > 0 ? ", which hold credentials," : "";
    lines.push(
      `      # ${share} not JSON: text${masked} is masked as far as plain text allows.`,
      "      on_unreadable: text",
    );
  }
  return ["chain:", ...lines];
}

/** A path that stands for itself, whatever globs and references its name looks like. */
function pathOf(file: string): string {
  return quoted(escapeGlob(file).replaceAll("${", "$${"));
}

/** Text in YAML's double quotes, which are JSON's. */
function quoted(text: string): string {
  return JSON.stringify(text);
}
