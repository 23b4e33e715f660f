/**
 * `tallyman scan`: what is in logs, without a configuration: framing, time, fields, secrets, and a configuration to
 * start from.
 */
import { systemClock } from "../../platform/clock.ts";
import { TallymanError } from "../../platform/errors.ts";
import { printableColoured, printableJson } from "../../platform/text/printable.ts";
import { Printing } from "../terminal/printing.ts";
import { clearProgress } from "../terminal/progress.ts";
import { type Colouring, colouring } from "../terminal/style.ts";
import type { LogFindings } from "./findings.ts";
import { reportLines } from "./report.ts";
import { startingConfig } from "./starter.ts";
import { surveyLogs } from "./survey-logs.ts";

interface ScanOptions {
  config?: boolean;
  json?: boolean;
  color?: Colouring;
}

/** What the command does. */
export async function scan(files: string[], { config, json, color }: ScanOptions): Promise<void> {
  colouring.wanted = color ?? "auto";
  const findings = await surveyLogs(files, systemClock);
  if (findings.events === 0) {
    throw new TallymanError("log_unreadable", `${files.join(", ")}: there are no events`, {
      file: files[0]!,
    });
  }
  clearProgress();
  if (json === true) {
    console.log(printableJson(JSON.stringify(findings, undefined, 2)));
    return;
  }
  await print(config === true ? startingConfig(findings) : reportOf(findings));
}

function reportOf(findings: LogFindings): string[] {
  const { files } = findings;
  const again = `tallyman scan ${files.join(" ")} --config > config.yaml`;
  return [...reportLines(findings), "", "A configuration to start from:", `  ${again}`];
}

async function print(lines: readonly string[]): Promise<void> {
  const printing = new Printing();
  for (const line of lines) if (!(await printing.line(printableColoured(line)))) return;
  await printing.flush();
}
