/**
 * The live view of an agent that runs in a terminal: its log, and below it what `top` shows of it, in a few lines.
 *
 * Nothing is set at the terminal but where the cursor is, and no key is read: Ctrl-C is the terminal's own, and there is
 * nothing to put back when the process ends, however it does.
 */
import { readFileSync } from "node:fs";
import type { Agent } from "../../../agent/agent.ts";
import { warningsIn } from "../../../admin/status/warnings.ts";
import type { Clock } from "../../../platform/clock.ts";
import type { LogLevel } from "../../../platform/log-codes/log-code.ts";
import { atEnd } from "../../../platform/process/process-guard.ts";
import { displayedLog, type ProcessLog } from "../../../platform/process/process-log.ts";
import { RateHistory } from "../../status/history.ts";
import type { Seen } from "../../status/overview.ts";
import { lookOf } from "../../terminal/look.ts";
import { TerminalWriter } from "../../terminal/screen/terminal-writer.ts";
import { liveLines, liveRows } from "./live-lines.ts";
import { LiveTerminal } from "./live-terminal.ts";
import { printsEvents } from "./wanted.ts";

const interval_ms = 1000;
const interval_ms_max = 10_000;
/** Of the time of the process, the view takes this part at most. */
const share_max = 0.02;
/** Of a terminal that does not say how large it is. */
const columns_unknown = 80;
const rows_unknown = 24;

export class LiveRun {
  readonly #terminal: LiveTerminal;
  readonly #clock: Clock;
  readonly #ended = new AbortController();

  private constructor(writer: TerminalWriter, clock: Clock) {
    const { stderr } = process;
    const terminal = new LiveTerminal({
      writer,
      look: lookOf(stderr),
      clock,
      size: () => ({
        width: stderr.columns || columns_unknown,
        height: stderr.rows || rows_unknown,
      }),
    });
    this.#terminal = terminal;
    this.#clock = clock;
    stderr.on("resize", () => terminal.flush());
    process.on("SIGCONT", () => terminal.redraw());
    atEnd(() => terminal.close());
  }

  /** On standard error. Undefined where its terminal cannot be written to without waiting for it. */
  static open(clock: Clock): LiveRun | undefined {
    const writer = TerminalWriter.open(process.stderr.fd);
    return writer && new LiveRun(writer, clock);
  }

  /** The log that is shown there. */
  log(level: LogLevel): ProcessLog {
    return displayedLog(level, this.#terminal);
  }

  /** Shows how the agent is, until `end`. */
  async watch(agent: Agent): Promise<void> {
    const { signal } = this.#ended;
    const history = new RateHistory();
    while (!signal.aborted) {
      const status = await agent.administration.status();
      const began_ms = this.#clock.monotonic();
      history.note(status);
      const seen: Seen = { status, warnings: warningsIn(status), history };
      const is_hidden = isInBackground() || printsEvents(agent.setup.config, process.stdout.isTTY);
      if (signal.aborted) return;
      this.#terminal.show(
        is_hidden ? undefined : (width, height) => liveLines(seen, width, liveRows(height) - 1),
      );
      const taken_ms = this.#clock.monotonic() - began_ms;
      const rest_ms = Math.min(interval_ms_max, Math.max(interval_ms, taken_ms / share_max));
      await this.#clock.sleep(rest_ms, signal);
    }
  }

  /** Takes the view away. The log goes on. */
  end(): void {
    this.#ended.abort();
    this.#terminal.show(undefined);
  }
}

/** Whether another program has the terminal: the shell, after `&` or a stop. */
function isInBackground(): boolean {
  const stat = readFileSync("/proc/self/stat", "utf8");
  // Behind the name, which may hold anything: state, parent, group, session, terminal, the terminal's group.
  const [, , group, , , foreground] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return Number(foreground) > 0 && foreground !== group;
}
