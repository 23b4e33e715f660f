/** Files that an input follows although conditions read them as lists. */
import { stat } from "node:fs/promises";
import type { Complaint } from "../../platform/errors.ts";
import type { Config } from "../config.ts";
import type { ExplainContext } from "./explain.ts";

/** `lists` has the paths of the files that the conditions read. A file is known by any of its names. */
export async function listWarnings(
  config: Config,
  matches: ExplainContext["matches"],
  lists: readonly string[],
): Promise<Complaint[]> {
  const warnings: Complaint[] = [];
  if (lists.length === 0) return warnings;
  const known = new Set(await Promise.all(lists.map(identityOf)));
  for (const [name, input] of Object.entries(config.inputs)) {
    if (input.type !== "file") continue;
    for (const [number, glob] of input.paths.entries()) {
      for (const { path } of matches.get(name)?.get(glob)?.files ?? []) {
        if (!known.has(await identityOf(path))) continue;
        const message = `${path} is a list that a condition reads, so its values are sent as events; see exclude`;
        warnings.push(config.complain(["inputs", name, "paths", number], message));
        break;
      }
    }
  }
  return warnings;
}

/** The same for all links to a file; the path where it is gone meanwhile. */
async function identityOf(path: string): Promise<string> {
  try {
    const { dev, ino } = await stat(path, { bigint: true });
    return `${dev} ${ino}`;
  } catch {
    return path;
  }
}
