/**
 * What can be replayed of an event in quarantine, in words.
 */
import type { Replayable } from "../../output/quarantine/lines.ts";

const words: Record<Replayable, string> = {
  whole: "possible, as it was when it came here",
  masked: "possible only with --masked, since something in what is kept of it may be masked",
  no_text: "impossible, since its text is damaged, or could not be masked and so was not kept",
};

export function describeReplayable(replayable: Replayable): string {
  return words[replayable];
}
