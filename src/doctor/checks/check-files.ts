/**
 * The files that file inputs follow: where the globs lead, and whether this user may read what is there.
 */
import { basename, dirname } from "node:path";
import type { Config } from "../../config/config.ts";
import { ownPlacesOf } from "../../config/own-places.ts";
import {
  lookWhereGlobLeads,
  type Lead,
  type MatchingFile,
} from "../../inputs/file/matching-files.ts";
import { describeUnfit, lookAtBeginnings } from "../../inputs/file/unfit-files.ts";
import type { Framer } from "../../inputs/framing/contract/framer.ts";
import { whatToDo } from "../../inputs/framing/fitting.ts";
import { framerOf } from "../../inputs/framing-option.ts";
import type { Refusal } from "../../inputs/file/discovery/refusal.ts";
import { rotatedFrom } from "../../inputs/file/survey/rotation.ts";
import type { Clock } from "../../platform/clock.ts";
import { silentLogger } from "../../platform/log.ts";
import { approximateSize } from "../../platform/text/units.ts";
import { Findings, type Finding } from "../findings/finding.ts";
import {
  grantFor,
  obstacleAt,
  obstacleOnTheWayTo,
  ownershipOf,
  thisUser,
  type Obstacle,
} from "./permissions.ts";

/** Files of one glob that are named; of more, only how many there are. */
const named_max = 3;
const participle_by_right = { search: "searched", list: "listed", read: "read" } as const;

export async function checkFiles(config: Config, clock: Clock): Promise<Finding[]> {
  const found: Finding[] = [];
  const input_by_file = new Map<string, string>();
  const deps = { clock, log: silentLogger, own: ownPlacesOf(config) };
  for (const [name, input] of Object.entries(config.inputs)) {
    if (input.type !== "file") continue;
    const findings = new Findings("files", name);
    for (const glob of input.paths) {
      const lead = await lookWhereGlobLeads(glob, input, deps);
      const { files, unknown, refused } = lead;
      found.push(...refusedFindings(refused, findings));
      const closed = await closedOf(unknown, files);
      found.push(...(await faultsOf(closed, findings)));
      const shared = files.find(({ path }) => (input_by_file.get(path) ?? name) !== name);
      if (shared !== undefined) {
        const other = input_by_file.get(shared.path);
        found.push(findings.fault("file_shared", `${shared.path} also belongs to input ${other}`));
      }
      for (const { path } of files) input_by_file.set(path, name);
      if (closed.length > 0) continue;
      if (files.length === 0 && refused.length > 0) continue;
      if (files.length > 0) {
        found.push(findings.ok(`${glob} matches ${described(files)}`));
        found.push(...(await misfitsOf(files, framerOf(input.framing, "file"), findings)));
      } else found.push(await whyNone(glob, lead, findings));
    }
  }
  return found;
}

/** What may not be searched, listed or read. What is missing by now has been rotated away meanwhile. */
async function closedOf(
  unknown: readonly string[],
  files: readonly MatchingFile[],
): Promise<Obstacle[]> {
  const by_path = new Map<string, Obstacle>();
  const note = (obstacle: Obstacle | undefined): void => {
    if (obstacle?.kind === "closed") by_path.set(obstacle.path, obstacle);
  };
  for (const path of unknown) note(await obstacleOnTheWayTo(path));
  for (const { path } of files) note(await obstacleAt(path, "read"));
  return [...by_path.values()];
}

async function faultsOf(obstacles: readonly Obstacle[], findings: Findings): Promise<Finding[]> {
  const faults: Finding[] = [];
  for (const obstacle of obstacles.slice(0, named_max)) {
    const { path, right } = obstacle;
    const may_not = `${path} cannot be ${participle_by_right[right]} by user ${thisUser()}`;
    const message = `${may_not} (${await ownershipOf(path)})`;
    const cause = right === "read" ? "file_unreadable" : "directory_closed";
    faults.push(findings.fault(cause, message, await grantFor(obstacle)));
  }
  const more = obstacles.length - faults.length;
  if (more > 0) faults.push(findings.fault("file_unreadable", `${more} more cannot be read`));
  return faults;
}

/** Files that do not look like the framing; what cannot be read was found before. */
async function misfitsOf(
  files: readonly MatchingFile[],
  framer: Framer,
  findings: Findings,
): Promise<Finding[]> {
  const { unfit } = await lookAtBeginnings(files, framer);
  return unfit.map((each) =>
    findings.fault("framing_unfit", describeUnfit(each), whatToDo(each.misfit)),
  );
}

/** What is not followed whatever this user may read. */
function refusedFindings(refused: readonly Refusal[], findings: Findings): Finding[] {
  const named = refused
    .slice(0, named_max)
    .map(({ path, message }) => findings.fault("file_refused", `${path} ${message}`));
  const more = refused.length - named.length;
  if (more === 0) return named;
  return [...named, findings.fault("file_refused", `${more} more paths are not followed`)];
}

/** Tells why a glob matches nothing, where nothing is closed. */
async function whyNone(
  glob: string,
  { excluded, bases }: Lead,
  findings: Findings,
): Promise<Finding> {
  if (excluded !== undefined) {
    const message = `${glob} matches only excluded files, such as ${excluded}`;
    return findings.fault("files_excluded", message);
  }
  const plain = bases[0] ?? dirname(glob);
  const missing = await obstacleOnTheWayTo(plain);
  if (missing?.kind === "missing") {
    return findings.fault("directory_missing", `${missing.path} of ${glob} does not exist`);
  }
  return findings.fault("no_file_matches", `${glob} matches no file now`);
}

function described(files: readonly MatchingFile[]): string {
  const bytes = files.reduce((sum, { size_bytes }) => sum + size_bytes, 0);
  const count = files.length === 1 ? "one file" : `${files.length} files`;
  const paths = new Set(files.map(({ path }) => path));
  const rotated = files.filter(({ path }) => {
    const directory = dirname(path);
    return rotatedFrom(basename(path)).some((origin) => paths.has(`${directory}/${origin}`));
  });
  const of_them = rotated.length === 0 ? "" : `; ${rotated.length} of them rotated`;
  return `${count}, ${approximateSize(bytes)}, readable${of_them}`;
}
