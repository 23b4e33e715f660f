/**
 * An error as a user reads it: what is wrong, where, the line of the configuration itself, and what to do.
 */
import { config_bytes_max } from "../../config/document/length.ts";
import { describeComplaint, errorCodes, type TallymanError } from "../../platform/errors.ts";
import { readShortFile } from "../../platform/files/short-file.ts";
import { printable } from "../../platform/text/printable.ts";
import { paragraph } from "./drawing/paragraph.ts";
import { excerptOf } from "./excerpt.ts";

/** So far to the right a long message goes on. */
const under = 2;

/**
 * Each complaint with its place and the source there, then the one message; for one without complaints, what to do. On lines of so
 * many columns, where that is a terminal.
 */
export function errorLines(error: TallymanError, columns?: number): string[] {
  const { message, code, details } = error;
  const complaints = details.complaints ?? [];
  const source = sourceOf(error);
  const lines: string[] = [];
  const shown = (text: string): string[] =>
    linesOf(text).flatMap((line) => paragraph(line, columns, under));
  for (const complaint of complaints) {
    lines.push(...shown(describeComplaint(complaint)));
    const { file, line, column } = complaint;
    if (line === undefined || column === undefined || file !== details.file) continue;
    lines.push(...excerptOf(source, { line, column, message: complaint.message }));
  }
  lines.push(...shown(`tallyman: ${message}`));
  if (complaints.length === 0) lines.push(...shown(errorCodes[code].remedy));
  return lines;
}

/** What another program has answered, or a file's name, can be in it. */
function linesOf(text: string): string[] {
  return text.split("\n").map(printable);
}

/** The lines of the configuration that is wrong. */
function sourceOf({ code, details: { file } }: TallymanError): string[] {
  if (code !== "config_invalid" || file === undefined) return [];
  try {
    return readShortFile(file, config_bytes_max)
      .replace(/^\uFEFF/, "")
      .split("\n");
  } catch {
    return [];
  }
}
