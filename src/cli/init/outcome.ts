/** What `tallyman init` prints of what it has made: what it found, wrote and checked, and what comes next. */
import { resolve } from "node:path";
import { manyOf } from "../status/table.ts";
import type { LogFindings } from "../scan/findings.ts";
import { findConfiguration } from "../configuration/find-configuration.ts";
import { styled } from "../terminal/style.ts";
import { configInvalid } from "../../config/load.ts";
import { judge, placed } from "../check/check.ts";
import type { Answers } from "./answers.ts";
import type { Placement } from "./placement.ts";

/** What was found in the logs. */
export function foundLines(findings: LogFindings | { note: string } | undefined): string[] {
  if (findings === undefined) return ["There are no logs to look at yet."];
  if ("note" in findings) return [`Not looked at: ${findings.note}`];
  const { files, events, known, framing, secrets, text_secrets, texts } = findings;
  const what = known?.title ?? (texts === events ? "lines of text" : "JSON");
  const count = secrets.length + text_secrets.length;
  const secret =
    count === 0
      ? "nothing looks secret"
      : `${manyOf(count, "field")} with what looks secret (\`tallyman scan\` names them)`;
  return [
    `Looked at ${manyOf(events, "event")} in ${files.join(", ")}: ${what}.`,
    `  framing ${framing ?? "lines"}; ${secret}`,
  ];
}

/** Runs the check. Gives its warnings. Throws TallymanError config_invalid where the configuration is not valid. */
export async function checkedWarnings(config: string): Promise<string[]> {
  const { complaints, warnings } = await judge(config);
  if (complaints.length > 0) throw configInvalid(config, complaints);
  return warnings.map(placed);
}

/** What to do next. */
export function nextLines({ kind, source }: Answers, placement: Placement): string[] {
  const { unit, config } = placement;
  const option = configurationOption(config);
  const start =
    unit === undefined
      ? `tallyman run${option}`
      : `systemctl enable --now ${unit.name.replace(/\.service$/, "")}`;
  const lines = [styled("bold", "Next"), `  ${start}`, `  tallyman status${option}`];
  if (source.kind !== "webhook" || kind.webhook === undefined) return lines;
  const { path } = placement.webhookToken(kind.name);
  const endpoint = `http://${addressIn(source.listen)}${kind.webhook.path}`;
  return [
    ...lines,
    "",
    styled("bold", `Where ${kind.name} is`) + `, with the token of ${path}:`,
    ...kind.webhook.setUp(endpoint, shellWord(path)).map((line) => `  ${line}`),
  ];
}

/** Where senders find it. Every address of this host is none of theirs. */
function addressIn(listen: string): string {
  if (listen.startsWith("unix:")) return "ADDRESS:PORT";
  return listen.replace(/^(?:0\.0\.0\.0|\[::\])?:(?=\d+$)/, "ADDRESS:");
}

/** The option by which a command finds it; nothing where every command does by itself. */
export function configurationOption(config: string): string {
  return isFound(config) ? "" : ` -c ${shellWord(config)}`;
}

function isFound(config: string): boolean {
  try {
    return resolve(findConfiguration(undefined)) === config;
  } catch {
    return false;
  }
}

/** As a shell takes it for one word. */
function shellWord(text: string): string {
  return /^[\w./@:-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
