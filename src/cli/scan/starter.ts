/**
 * A configuration to start from, made of what was found in a log: YAML with comments, which `tallyman check` takes.
 */
import { resolve } from "node:path";
import { by_name } from "./looks.ts";
import { isUsualTime, type LogFindings } from "./findings.ts";

/** The configuration as lines. */
export function startingConfig(findings: LogFindings): string[] {
  return [
    "# Made by `tallyman scan`. Look at what would leave this host before it does:",
    `#   tallyman try -c THIS_FILE ${findings.files.map((file) => quoted(file)).join(" ")}`,
    "state_dir: /var/lib/tallyman",
    "",
    "inputs:",
    "  audit:",
    ...inputLines(findings).map((line) => `    ${line}`),
    "",
    ...chainLines(findings),
    "",
    "output:",
    "  url: https://splunk.example:8088",
    '  token: "${env:SPLUNK_HEC_TOKEN}"',
  ];
}

function inputLines({ files, framing, known, times }: LogFindings): string[] {
  const lines = ["paths:", ...files.map((file) => `  - ${quoted(resolve(file))}`)];
  if (framing !== undefined) lines.push(`framing: ${framing}`);
  if (known !== undefined) lines.push("metadata:", `  sourcetype: ${quoted(known.sourcetype)}`);
  const time = times[0];
  if (time !== undefined && (!isUsualTime(time.path) || time.needs_zone)) {
    lines.push("time:", `  field: [${quoted(time.path)}]`);
    if (time.needs_zone) {
      lines.push("  # Its times name no zone: write the one that they are in.", "  zone: UTC");
    }
  }
  return lines;
}

function chainLines(findings: LogFindings): string[] {
  const { known, secrets, texts, events, text_secrets, text_format } = findings;
  const lines: string[] = [];
  if (text_format !== undefined) {
    lines.push("  # Makes fields of the texts.", "  - parse:", `      format: ${text_format}`);
  }
  lines.push("  - redact:");
  if (known?.pack !== undefined) lines.push(`      pack: [${known.pack}]`);
  lines.push("      # Credentials of known forms, in every string.", "      detect: [credentials]");
  const named = secrets.filter(({ found_by }) => found_by.every((each) => each.detector === by_name));
  if (named.length > 0) {
    lines.push(
      "      # Secret by the names of their keys; a path that is not secret can be taken off.",
      "      fields:",
      ...named.map(({ path }) => `        - ${quoted(path)}`),
    );
  }
  if (texts > 0 && text_format === undefined) {
    const share = texts === events ? "These events are" : "Some of these events are";
    const masked = text_secrets.length > 0 ? ", which hold credentials," : "";
    lines.push(
      `      # ${share} not JSON: text${masked} is masked as far as plain text allows.`,
      "      on_unreadable: text",
    );
  }
  return ["chain:", ...lines];
}

/** Text in YAML's double quotes, which are JSON's. */
function quoted(text: string): string {
  return JSON.stringify(text);
}
