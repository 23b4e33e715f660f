/**
 * `tallyman quarantine list`: one line for each event, the newest last, and how many there are.
 */
import { quarantineDirectory } from "../../output/quarantine/lines.ts";
import { bytesToReplay, replayDirectory } from "../../output/quarantine/replay-parts.ts";
import { selector } from "../../output/quarantine/selection.ts";
import { readSnapshot, type SnapshotLine } from "../../output/quarantine/snapshot.ts";
import { printable, printableJson } from "../../platform/text/printable.ts";
import { columnsOf } from "../terminal/drawing/paragraph.ts";
import { Printing } from "../terminal/printing.ts";
import { colouring, styled, type Colouring } from "../terminal/style.ts";
import { Counts } from "./counts.ts";
import { ListColumns, type Cells } from "./list-columns.ts";
import { openStateDirectory } from "./opening.ts";
import { selectionOf, type SelectingOptions } from "./selecting.ts";

interface ListOptions extends SelectingOptions {
  config: string;
  summary?: boolean;
  json?: boolean;
  color?: Colouring;
}

/** What the command does. */
export async function list(options: ListOptions): Promise<void> {
  const directory = quarantineDirectory(await openStateDirectory(options.config));
  const { summary = false, json = false, color } = options;
  if (color !== undefined) colouring.wanted = color;
  const isSelected = selector({ ...selectionOf(options), damaged: isUnfiltered(options) });
  const printing = new Printing();
  const counts = new Counts();
  const columns = new ListColumns(columnsOf(process.stdout));
  const row = (line: SnapshotLine): string => (json ? jsonOf(line) : columns.lineOf(cellsOf(line)));
  for await (const line of readSnapshot(directory)) {
    if (!isSelected(line)) continue;
    if (!summary && !json && counts.events + counts.damaged === 0)
      await printing.line(styled("bold", columns.lineOf(head)));
    counts.add(line);
    if (!summary && !(await printing.line(row(line)))) return;
  }
  const to_replay = await bytesToReplay(replayDirectory(directory));
  const lines = json ? [summaryJson(counts, to_replay)] : summaryOf(counts, to_replay, summary);
  if (!json || summary) for (const each of lines) await printing.line(each);
  await printing.flush();
}

function isUnfiltered({ input, reason, since, before }: ListOptions): boolean {
  return [input, reason, since, before].every((each) => each === undefined);
}

const head: Cells = ["ID", "TIME (UTC)", "INPUT", "REASON", "CODE", "SIZE"];

function cellsOf({ id, details, start, end }: SnapshotLine): Cells {
  const size = String(end - start);
  if (details === undefined) return [id, "-", "-", "(a damaged line)", "", size];
  const { time, input, reason, code } = details;
  const shown_time = time.slice(0, 19).replace("T", " ");
  return [id, shown_time, input, reason, String(code ?? ""), size];
}

function jsonOf({ id, details, start, end, replayable }: SnapshotLine): string {
  return printableJson(JSON.stringify({ id, ...details, size: end - start, replayable }));
}

function summaryOf(counts: Counts, to_replay: number, with_inputs: boolean): string[] {
  const { events, bytes, damaged, by_reason, by_input } = counts;
  const waiting = to_replay === 0 ? [] : [`${to_replay} bytes of other events are being replayed`];
  if (events + damaged === 0) return ["No matching events in quarantine.", ...waiting];
  const lines = [`${events} ${events === 1 ? "event" : "events"}, ${bytes} bytes`];
  if (damaged > 0) lines.push(`${damaged} damaged lines that belong to no known event`);
  const counted = (title: string, names: [string, number][]): string[] => [
    title,
    ...names.map(([name, count]) => `  ${String(count).padStart(8)}  ${printable(name)}`),
  ];
  lines.push(...counted("by reason:", by_reason));
  if (with_inputs) lines.push(...counted("by input:", by_input));
  return [...lines, ...waiting];
}

function summaryJson(counts: Counts, replay_bytes: number): string {
  const { events, bytes, damaged, by_reason, by_input } = counts;
  const reasons = Object.fromEntries(by_reason);
  const inputs = Object.fromEntries(by_input);
  return printableJson(
    JSON.stringify({ events, bytes, damaged, by_reason: reasons, by_input: inputs, replay_bytes }),
  );
}
