/**
 * Files that do not look like their input's framing, or cannot be looked into: what `check` says of them.
 */
import { framerOf } from "../../inputs/framing-option.ts";
import { whatToDo } from "../../inputs/framing/fitting.ts";
import { describeUnfit, lookAtBeginnings } from "../../inputs/file/unfit-files.ts";
import type { Complaint } from "../../platform/errors.ts";
import type { Config } from "../config.ts";
import type { ExplainContext } from "./explain.ts";

/** Of what cannot be read; of more, only how many. */
const shown_max = 5;

/** Looks at the first bytes of the files that match now. */
export async function framingWarnings(
  config: Config,
  matches: ExplainContext["matches"],
): Promise<Complaint[]> {
  const warnings: Complaint[] = [];
  for (const [name, input] of Object.entries(config.inputs)) {
    if (input.type !== "file") continue;
    const framer = framerOf(input.framing, "file");
    for (const [number, glob] of input.paths.entries()) {
      const { files = [] } = matches.get(name)?.get(glob) ?? {};
      const { unfit, unread } = await lookAtBeginnings(files, framer);
      const at = ["inputs", name, "paths", number];
      const complain = (message: string): void => {
        warnings.push(config.complain(at, message));
      };
      for (const each of unfit) complain(`${describeUnfit(each)}. ${whatToDo(each.misfit)}`);
      for (const { path, error } of unread.slice(0, shown_max)) {
        complain(`${path} cannot be read by the user who runs this check (${error})`);
      }
      const more = unread.length - shown_max;
      if (more > 0) complain(`${more} more files cannot be read by the user who runs this check`);
    }
  }
  return warnings;
}
