/**
 * `tallyman tap`: shows events of the running agent as they are delivered.
 */
import { adminSocketOf } from "../../admin/options.ts";
import { followTap } from "../../admin/tap/follow-tap.ts";
import { tap_rate_max, type TapMessage, type TappedEvent } from "../../admin/tap/tap-messages.ts";
import { readPlaces } from "../../config/load.ts";
import { systemClock } from "../../platform/clock.ts";
import { TallymanError } from "../../platform/errors.ts";
import { printable, printableJson } from "../../platform/text/printable.ts";
import { ending } from "../process/ending.ts";
import { Printing } from "../terminal/printing.ts";
import { colouring, isTerminal, type Colouring } from "../terminal/style.ts";
import { EventLines } from "./event-line.ts";
import { chooseBy, readPassed, type Choose } from "./passed-event.ts";
import { Tally } from "./tally.ts";

const rate_default = 10;
const columns_default = 80;

interface TapOptions {
  readonly config: string;
  readonly input?: string;
  readonly output?: string;
  readonly where?: string;
  readonly limit?: number;
  readonly rate?: number;
  readonly json?: boolean;
  readonly color?: Colouring;
}

/** What the command does. */
export async function tap(options: TapOptions): Promise<void> {
  const { config: file, input, output, where, rate = rate_default } = options;
  if (options.color !== undefined) colouring.wanted = options.color;
  const choose = where === undefined ? undefined : chooseBy(where, systemClock, sayNote);
  const places = await readPlaces(file, ["state_dir", "admin"]);
  const at = adminSocketOf(places) ?? places.admin.listen;
  if (at === undefined) {
    const message =
      "the configuration has `admin.socket: false` and no `admin.listen`, so the agent cannot be reached";
    throw new TallymanError("agent_unreachable", message);
  }
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
    process.once(signal, () => stop.abort());
  // That nobody reads any more is known when something is written.
  process.stdout.once("error", () => stop.abort());
  const asked = { input, output, rate: choose === undefined ? rate : tap_rate_max };
  const watching = new Watching({ ...options, rate }, choose);
  try {
    for await (const message of followTap(at, asked, stop.signal)) {
      if (!(await watching.take(message))) break;
    }
  } catch (thrown) {
    watching.leave();
    throw thrown;
  } finally {
    stop.abort();
  }
  await watching.finish();
}

function sayNote(message: string): void {
  process.stderr.write(`tallyman: ${printable(message)}\n`);
}

class Watching {
  readonly #options: TapOptions & { readonly rate: number };
  readonly #choose: Choose | undefined;
  readonly #printing = new Printing();
  readonly #tally: Tally;
  readonly #lines: EventLines;
  /** Shown since the agent last counted: a condition has more to choose of than may be shown. */
  #shown = 0;

  constructor(options: TapOptions & { readonly rate: number }, choose: Choose | undefined) {
    this.#options = options;
    this.#choose = choose;
    this.#tally = new Tally(process.stderr.isTTY, choose !== undefined);
    const columns = (): number | undefined => (isTerminal() ? columnsNow() : undefined);
    this.#lines = new EventLines(columns, isUnicode(process.env) ? "…" : "...");
  }

  /** False where no more is wanted. */
  async take(message: TapMessage): Promise<boolean> {
    const { limit = Infinity } = this.#options;
    if ("counts" in message) {
      this.#shown = 0;
      this.#tally.count(message.counts);
      this.#tally.draw(columnsNow());
      return true;
    }
    if ("end" in message) {
      this.leave();
      process.stderr.write(`tallyman: the tap has ended: ${message.end}.\n`);
      ending.status = 1;
      return false;
    }
    const { event } = message;
    if (this.#shown >= this.#options.rate || this.#choose?.(event) === false) return true;
    this.#shown += 1;
    this.#tally.note();
    this.#tally.clear();
    await this.#printing.line(this.#lineOf(event));
    if (!(await this.#printing.flush())) return false;
    return this.#tally.shown < limit;
  }

  /** Leaves the terminal as it was. */
  leave(): void {
    this.#tally.clear();
  }

  async finish(): Promise<void> {
    await this.#printing.flush();
    this.leave();
    if (process.stderr.isTTY) process.stderr.write(`${this.#tally.sum()}\n`);
  }

  #lineOf(event: TappedEvent): string {
    const passed = readPassed(event);
    if (this.#options.json !== true) return this.#lines.lineOf(event, passed, systemClock.now());
    const { input, output } = event;
    const head = JSON.stringify({ input, output }).slice(0, -1);
    return `${head},"sent":${printableJson(passed.envelope.replaceAll("\n", " "))}}`;
  }
}

function columnsNow(): number {
  return process.stdout.columns || process.stderr.columns || columns_default;
}

/** Whether the locale shows more than ASCII. */
function isUnicode(environment: NodeJS.ProcessEnv): boolean {
  const { LC_ALL, LC_CTYPE, LANG } = environment;
  return /utf-?8/i.test(LC_ALL || LC_CTYPE || LANG || "");
}
