/**
 * Looks for logs of a kind in the places where they usually are, and at what is in them. It reads, and changes nothing.
 */
import { compressed_globs } from "../../inputs/file/options.ts";
import {
  lookWhereGlobLeads,
  type Lead,
  type MatchingFile,
} from "../../inputs/file/matching-files.ts";
import type { Clock } from "../../platform/clock.ts";
import { TallymanError } from "../../platform/errors.ts";
import { silentLogger } from "../../platform/log.ts";
import type { LogFindings } from "../scan/findings.ts";
import { surveyLogs } from "../scan/survey-logs.ts";
import type { LogKind } from "./kinds.ts";

/** Of each kind's logs, a few are looked into, and only their beginnings: a log may be very long. */
const files_max = 3;
const bytes_max = 4 * 1024 * 1024;

/** A glob that leads to logs. */
export interface FoundLogs {
  readonly glob: string;
  readonly files: readonly MatchingFile[];
}

/** What was found in the usual places. */
export interface Looked {
  /** Those in which there are logs that are not empty. */
  readonly found: readonly FoundLogs[];
  /** Files and directories that this user may not look at. */
  readonly hidden: readonly string[];
}

/** Looks into the usual places of the kind. */
export async function findLogs({ places }: LogKind, clock: Clock): Promise<Looked> {
  const found: FoundLogs[] = [];
  const hidden: string[] = [];
  for (const glob of places) {
    const { files, unknown } = await leadOf(glob, clock);
    if (files.length > 0) found.push({ glob, files });
    hidden.push(...unknown);
  }
  return { found, hidden };
}

/** What is in the logs that the globs lead to; undefined where there is nothing to read, or the note why. */
export async function lookInto(
  globs: readonly string[],
  clock: Clock,
): Promise<LogFindings | { readonly note: string } | undefined> {
  const files: MatchingFile[] = [];
  for (const glob of globs) files.push(...(await leadOf(glob, clock)).files);
  if (files.length === 0) return undefined;
  try {
    const paths = files.slice(0, files_max).map(({ path }) => path);
    const findings = await surveyLogs(paths, clock, bytes_max);
    return findings.events === 0 ? undefined : findings;
  } catch (thrown) {
    if (!(thrown instanceof TallymanError)) throw thrown;
    return { note: thrown.message };
  }
}

async function leadOf(glob: string, clock: Clock): Promise<Pick<Lead, "files" | "unknown">> {
  const options = { exclude: compressed_globs, follow_links: "trusted" as const };
  const { files, unknown } = await lookWhereGlobLeads(glob, options, {
    clock,
    log: silentLogger,
    own: [],
  });
  return { files: files.filter(({ size_bytes }) => size_bytes > 0), unknown };
}
