/**
 * `tallyman status`: how the running agent is, on one screen, whole, or as JSON; once, or again and again.
 */
import { systemClock } from "../../platform/clock.ts";
import { printable, printableJson } from "../../platform/text/printable.ts";
import { ending } from "../process/ending.ts";
import { rendered, type Line } from "../terminal/drawing/spans.ts";
import { lookOf } from "../terminal/look.ts";
import { Printing } from "../terminal/printing.ts";
import { colouring, type Colouring } from "../terminal/style.ts";
import { refuseOtherVersion, statusAsker, type Answer } from "./ask-status.ts";
import { overview } from "./overview.ts";
import { screenOf } from "./screen.ts";

/** Exit status where somebody should look. */
const exit_problem = 3;
/** Where it is no terminal; on one, a line less than there are, for the next prompt. */
const height_min = 23;
const width_min = 80;

interface StatusOptions {
  config: string;
  json?: boolean;
  all?: boolean;
  /** The seconds between two looks. */
  watch?: number;
  color?: Colouring;
}

/** What the command does. */
export async function status(options: StatusOptions): Promise<void> {
  const { config: file, json = false, watch, color } = options;
  colouring.wanted = color ?? "auto";
  const ask = await statusAsker(file, systemClock);
  const printing = new Printing();
  let now = await ask();
  if (!json) refuseOtherVersion(now);
  if (watch !== undefined && !json && process.stdout.isTTY) {
    now = await watchOnTerminal(ask, watch, options);
  } else {
    let is_read = await print(printing, now, options);
    const seconds = watch ?? Infinity;
    while (is_read && Number.isFinite(seconds)) {
      await systemClock.sleep(seconds * 1000);
      now = await ask();
      is_read = await print(printing, now, { ...options, is_next: true });
    }
  }
  if (now.warnings.some(({ severity }) => severity === "problem")) ending.status = exit_problem;
}

/** False where nobody reads any more. */
async function print(
  printing: Printing,
  now: Answer,
  { json = false, watch, is_next = false, ...options }: StatusOptions & { is_next?: boolean },
): Promise<boolean> {
  if (json) {
    const indent = watch === undefined ? 2 : undefined;
    await printing.line(printableJson(JSON.stringify(now, undefined, indent)));
    return printing.flush();
  }
  if (is_next) await printing.line("");
  const { columns, rows } = process.stdout;
  const width = Math.max(width_min, columns || 0);
  const height = Math.max(height_min, (rows || 0) - 1);
  const look = lookOf(process.stdout);
  for (const line of linesOf(now, options, { width, height })) {
    // Of the whole status, paths are shown whole.
    const columns_max = options.all === true ? Infinity : width;
    await printing.line(rendered(line, columns_max, look).trimEnd());
  }
  return printing.flush();
}

function linesOf(
  now: Answer,
  { all }: Pick<StatusOptions, "all">,
  size: { width: number; height: number },
): Line[] {
  const { warnings } = now;
  if (all === true) return screenOf(now, warnings).map((line) => [printable(line)]);
  const seen = { status: now, warnings, history: undefined };
  return overview(seen, { ...size, sort: "worst first", focus: undefined });
}

/** The last status that was seen. */
async function watchOnTerminal(
  ask: () => Promise<Answer>,
  seconds: number,
  options: StatusOptions,
): Promise<Answer> {
  const { showLive } = await import("../live/live-screen.ts");
  let now: Answer | undefined;
  await showLive({
    ask: async () => {
      const answer = await ask();
      refuseOtherVersion(answer);
      return answer;
    },
    view: {
      is_paused: false,
      take: (answer: Answer) => (now = answer),
      lines: (size) => (now === undefined ? [] : linesOf(now, options, size)),
      press: (key) => (["q", "Q", "escape", "ctrl-c"].includes(key) ? "end" : undefined),
    },
    interval_ms: seconds * 1000,
    clock: systemClock,
    look: lookOf(process.stdout),
  });
  return now ?? (await ask());
}
