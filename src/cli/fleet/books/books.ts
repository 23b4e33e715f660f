/** `tallyman fleet books`: whether aggregators have delivered what agents have as delivered, by lane. */
import { fleetPlacesOf } from "../../../config/fleet.ts";
import { loadConfig } from "../../../config/load.ts";
import { systemClock } from "../../../platform/clock.ts";
import { TallymanError } from "../../../platform/errors.ts";
import type { AgentReport, AggregatorReport } from "../../../platform/nats/books/report.ts";
import { printableJson } from "../../../platform/text/printable.ts";
import { ending } from "../../process/ending.ts";
import { Printing } from "../../terminal/printing.ts";
import { addUp } from "./add-up.ts";
import { gather, readReports, youngest } from "./gather.ts";
import { linesOf } from "./lines.ts";
import { sharedNames } from "./shared.ts";

interface BooksFlags {
  readonly config: string;
  readonly with?: readonly string[];
  readonly gone?: readonly string[];
  /** Seconds without an answer until it is over. */
  readonly wait: number;
  readonly all?: boolean;
  readonly json?: boolean;
}

/** What the command does. */
export async function fleetBooks(flags: BooksFlags): Promise<void> {
  const config = await loadConfig(flags.config);
  const [place] = fleetPlacesOf(config);
  if (place === undefined) {
    const message = `${flags.config} has no input and no output of type nats`;
    throw new TallymanError("fleet_unusable", message, { file: flags.config });
  }
  const before = (flags.with ?? []).flatMap(readReports);
  const gathered = await gather(place, flags.wait * 1000);
  const reports = youngest([...before, ...gathered.reports]);
  const agents = reports.filter((each): each is AgentReport => each.role === "agent");
  const aggregators = reports.filter((each): each is AggregatorReport => each.role !== "agent");
  const { waiting } = gathered;
  const shared = sharedNames(gathered.reports);
  const books = addUp({ agents, aggregators, waiting, gone: flags.gone ?? [], shared });
  const is_answered = reports.length > 0;
  if (!books.agree || !is_answered) ending.status = 1;
  const printing = new Printing();
  if (flags.json === true) {
    const { agree, silent, rows } = books;
    const value = { agree: agree && is_answered, silent, shared, lanes: rows, waiting, reports };
    await printing.line(printableJson(JSON.stringify(value, undefined, 2)));
  } else {
    const asked = { agents, aggregators, all: flags.all === true, now_ms: systemClock.now() };
    for (const line of linesOf(books, asked)) await printing.line(line);
  }
  await printing.flush();
}
