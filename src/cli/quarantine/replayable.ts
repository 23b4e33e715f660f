/**
 * What can be replayed of an event in quarantine, in words.
 */
import type { Replayable } from "../../output/quarantine/lines.ts";

const words: Record<Replayable, string> = {
  whole: "possible: the event is kept unchanged",
  masked: "possible only with --masked: parts of the stored event may be masked",
  no_text: "impossible: its text is damaged, or could not be masked and so was not kept",
};

export function describeReplayable(replayable: Replayable): string {
  return words[replayable];
}
