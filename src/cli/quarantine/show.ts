/**
 * `tallyman quarantine show`: all that is kept of single events.
 */
import { quarantineDirectory } from "../../output/quarantine/lines.ts";
import { readSnapshot, type SnapshotLine } from "../../output/quarantine/snapshot.ts";
import { TallymanError } from "../../platform/errors.ts";
import { printable, printableJson } from "../../platform/text/printable.ts";
import { Printing } from "../terminal/printing.ts";
import { openStateDirectory } from "./opening.ts";
import { describeReplayable } from "./replayable.ts";

interface ShowOptions {
  config: string;
  json?: boolean;
}

/** What the command does. */
export async function show(ids: string[], { config, json = false }: ShowOptions): Promise<void> {
  const directory = quarantineDirectory(await openStateDirectory(config));
  const wanted = new Set(ids);
  const unknown = new Set(ids);
  const printing = new Printing();
  for await (const line of readSnapshot(directory)) {
    if (!wanted.has(line.id)) continue;
    unknown.delete(line.id);
    const text = (await line.read()).toString();
    const lines = json ? [jsonOf(text)] : describe(line, text);
    for (const each of lines) if (!(await printing.line(each))) return;
  }
  await printing.flush();
  refuseUnknown(unknown);
}

/** Throws TallymanError quarantine_unknown_event where there are any. */
export function refuseUnknown(unknown: ReadonlySet<string>): void {
  if (unknown.size === 0) return;
  const shown = [...unknown].slice(0, 10).map((id) => printable(id));
  const more = unknown.size > shown.length ? ", …" : "";
  const message = `no event in quarantine has the id ${shown.join(", ")}${more}`;
  throw new TallymanError("quarantine_unknown_event", message);
}

function describe({ id, details, replayable }: SnapshotLine, text: string): string[] {
  const all = details === undefined ? undefined : recordIn(text);
  if (all === undefined) return [`id: ${id}`, "a damaged line:", printable(text), ""];
  const lines = Object.entries(all).map(([key, value]) => {
    const shown = typeof value === "string" ? value : JSON.stringify(value);
    return printable(`${key}: ${shown}`);
  });
  const replay = `replay: ${describeReplayable(replayable)}`;
  return [`id: ${id}`, replay, ...lines, ...hintOf(all), ""];
}

/** Where the author of a plugin finds what is not kept of an exception. */
function hintOf(record: { readonly detail?: unknown }): string[] {
  const { detail } = record;
  if (typeof detail !== "string" || !/^the step threw [^ ]+ at /.test(detail)) return [];
  return [
    "message: tallyman try --reveal LOG shows what the plugin throws on a log with the event",
  ];
}

function jsonOf(text: string): string {
  const is_damaged = recordIn(text) === undefined;
  return printableJson(is_damaged ? JSON.stringify({ damaged: text }) : text);
}

function recordIn(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
