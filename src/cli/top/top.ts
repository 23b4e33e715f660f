/**
 * `tallyman top`: a running agent, live, over its admin socket.
 */
import { systemClock } from "../../platform/clock.ts";
import { TallymanError } from "../../platform/errors.ts";
import { showLive } from "../live/live-screen.ts";
import { refuseOtherVersion, statusAsker, type Answer } from "../status/ask-status.ts";
import { lookOf } from "../terminal/look.ts";
import { colouring, type Colouring } from "../terminal/style.ts";
import { TopView } from "./view.ts";

interface TopOptions {
  readonly config: string;
  /** The seconds between two looks. */
  readonly interval: number;
  readonly color?: Colouring;
}

/** What the command does. */
export async function top({ config, interval, color }: TopOptions): Promise<void> {
  colouring.wanted = color ?? "auto";
  if (!process.stdout.isTTY) {
    throw new TallymanError(
      "no_terminal",
      "`tallyman top` needs a terminal; `tallyman status` prints to a pipe, with --watch again and again",
    );
  }
  const ask = await statusAsker(config, systemClock);
  const askOwnVersion = async (): Promise<Answer> => {
    const answer = await ask();
    refuseOtherVersion(answer);
    return answer;
  };
  const view = new TopView();
  // Where there is no agent yet, that is an error and no outage.
  view.take(await askOwnVersion());
  await showLive({
    ask: askOwnVersion,
    view,
    interval_ms: interval * 1000,
    clock: systemClock,
    look: lookOf(process.stdout),
  });
}
