/** Files that an input follows although conditions read them as lists. */
import type { Complaint } from "../../platform/errors.ts";
import type { Config } from "../config.ts";
import type { ExplainContext } from "./explain.ts";

/** `lists` has the paths of the files that the conditions read. */
export function listWarnings(
  config: Config,
  matches: ExplainContext["matches"],
  lists: ReadonlySet<string>,
): Complaint[] {
  return Object.entries(config.inputs).flatMap(([name, input]) => {
    if (input.type !== "file") return [];
    return input.paths.flatMap((glob, number) => {
      const list = matches
        .get(name)
        ?.get(glob)
        ?.files.find(({ path }) => lists.has(path));
      if (list === undefined) return [];
      const message = `${list.path} is a list that a condition reads, so its values are sent as events; see exclude`;
      return [config.complain(["inputs", name, "paths", number], message)];
    });
  });
}
