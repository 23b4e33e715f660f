/**
 * What the options of one input mean, in plain sentences.
 */
import type { FileInputOptions } from "../../inputs/file/options.ts";
import type { Lead } from "../../inputs/file/matching-files.ts";
import { type ChosenFraming, explainFraming, takenOffBy } from "../../inputs/framing-option.ts";
import { isForDatagrams, permissionsOf } from "../../inputs/socket/options.ts";
import { formatListenAddress } from "../../platform/sockets/listen-address.ts";
import { approximateSize, formatDuration, formatSize } from "../../platform/text/units.ts";
import { machineName } from "../../platform/process/machine-name.ts";
import { isJournaled, type InputOptions, type JournaledOptions } from "../inputs.ts";

/** A heading, and the lines under it. */
export interface Section {
  title: string;
  lines: string[];
}

/** How Splunk gets the events: raw only where every output sends them so. */
type Mode = "event" | "raw";

/** Where each glob leads now. */
export type Matches = ReadonlyMap<string, Lead>;

type OptionsOf<Type extends InputOptions["type"]> = Extract<InputOptions, { type: Type }>;
/** Those of an input that gets records, not events. */
type ReadingOptions = Exclude<InputOptions, { type: "nats" }>;

const files_shown_max = 5;

export function explainInput(
  name: string,
  input: InputOptions,
  { mode, matches }: { mode: Mode; matches: Matches },
): Section {
  if (input.type === "nats")
    return { title: `Input ${name}: ${titles.nats}`, lines: explainNats(input) };
  const lines = [
    ...explainOrigin(input, matches),
    ...explainRecords(input),
    ...explainEvents(name, input, mode),
  ];
  if (isJournaled(input)) lines.push(...explainJournal(input));
  return { title: `Input ${name}: ${titles[input.type]}`, lines };
}

const titles = {
  file: "follows files",
  socket: "receives events over a UNIX socket",
  hec: "receives HTTP requests, like Splunk's HTTP Event Collector",
  stdin: "reads standard input",
  nats: "reads the batches of agents from NATS JetStream",
};

function explainNats({ servers, stream, consumer, prefix, metadata }: OptionsOf<"nats">): string[] {
  const missing = Object.keys(metadata);
  return [
    `${servers.join(", ")}, stream ${stream}, consumer ${consumer}, subjects ${prefix}.ev.>.`,
    "Events keep the metadata and the time that their agents have given them.",
    ...(missing.length === 0 ? [] : [`If they have none, they get: ${missing.join(", ")}.`]),
    "A batch is acknowledged, and its agent gets a receipt, when all of its events are delivered.",
  ];
}

function explainOrigin(input: ReadingOptions, matches: Matches): string[] {
  if (input.type === "file") return explainFiles(input, matches);
  if (input.type === "socket") {
    const { path } = input;
    if (!isForDatagrams(input)) return [`Listens on ${path}, mode ${permissionsOf(input)}.`];
    return [
      `Receives datagrams at ${path}. systemd has to open that socket, before tallyman starts: enable ` +
        "tallyman-datagram.socket, or start tallyman with: " +
        `systemd-socket-activate --datagram -l ${path} tallyman run -c FILE`,
    ];
  }
  if (input.type === "hec") {
    const { listen, tls, tokens, max_body } = input;
    const count = tokens.length === 1 ? "one token" : `any of ${tokens.length} tokens`;
    return [
      `Listens on ${formatListenAddress(listen)}, ${tls === undefined ? "without TLS" : "with TLS"}; requires ${count}: ***.`,
      `Largest request body: ${formatSize(max_body)}.`,
    ];
  }
  return ["tallyman exits when standard input has ended and everything is delivered."];
}

function explainJournal({ type, journal, when_full }: JournaledOptions): string[] {
  const synced =
    journal.sync === "always"
      ? "synced to disk before the sender is acknowledged"
      : `written before the sender is acknowledged, and synced every ${formatDuration(journal.sync)}`;
  const full = {
    block: type === "hec" ? "senders get 503" : "senders wait",
    drop_newest: "new events are dropped and counted",
    drop_oldest: "the oldest events are dropped and counted",
  };
  return [
    `Received events are ${synced}.`,
    `The journal holds up to ${formatSize(journal.max_bytes)}; when it is full, ${full[when_full]}.`,
  ];
}

const followed_links = {
  trusted:
    "Symbolic links are followed within the directories of the paths; out of them only if nobody but root " +
    "and tallyman's user can change where they lead.",
  never: "Symbolic links are not followed.",
  always: "Symbolic links are followed wherever they lead, whoever made them.",
};

function explainFiles(input: FileInputOptions, matches: Matches): string[] {
  const lines = input.paths.flatMap((glob) => explainMatches(glob, matches.get(glob) ?? {}));
  if (input.exclude.length > 0) lines.push(`Excluded: ${input.exclude.join(", ")}`);
  lines.push(followed_links[input.follow_links]);
  lines.push(
    input.start_at === "beginning"
      ? "New files are read from their beginning, known files from their checkpoint."
      : "At the very first start, existing files are read from their end; files that appear later from their beginning.",
  );
  return lines;
}

function explainRecords(input: ReadingOptions): string[] {
  if (input.type === "hec") return input.framing === undefined ? [] : explainRaw(input.framing);
  if (isForDatagrams(input)) {
    const taken_off = takenOffBy(input.framing)?.explained ?? [];
    return ["A record is one datagram, without LF, CRLF or NUL at its end."].concat(taken_off);
  }
  const { encoding } = input;
  const decoded = `Characters are read as ${encoding}, unless a byte order mark says otherwise.`;
  return [
    explainFraming(input.framing, input.type === "file" ? "file" : "stream"),
    ...(encoding === "auto" ? [] : [decoded]),
  ];
}

function explainRaw(framing: ChosenFraming): string[] {
  return [`In bodies of the raw endpoint: ${explainFraming(framing, "stream")}`];
}

function explainEvents(name: string, input: ReadingOptions, mode: Mode): string[] {
  const {
    host = `${machineName()} (this machine)`,
    source,
    sourcetype,
    index,
    fields,
  } = input.metadata;
  const default_source = {
    file: "the file's path",
    socket: "the socket's path",
    hec: `http:${name}`,
    stdin: "stdin",
  }[input.type];
  const named = Object.entries({ host, source: source ?? default_source, sourcetype, index })
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${key} ${value}`);
  const lines = [`Events get ${named.join(", ")}.`];
  if (index === undefined) lines.push("They go to the token's default index.");
  const is_lines = input.type !== "hec" && !isForDatagrams(input) && "lines" in input.framing;
  const cut = `${is_lines ? "Lines" : "Events"} longer than ${formatSize(input.max_event_bytes)} are cut`;
  if (mode === "raw") return [...lines, "Splunk reads their time from their text.", `${cut}.`];
  const field_names = Object.keys(fields ?? {});
  if (field_names.length > 0) lines.push(`Their indexed fields: ${field_names.join(", ")}.`);
  if (input.type === "file" && input.metadata.fields_from_path !== undefined)
    lines.push(`Indexed fields by their file's path: ${input.metadata.fields_from_path}`);
  return [...lines, ...explainTime(input), `${cut} and marked.`];
}

function explainTime({ type, time }: ReadingOptions): string[] {
  const arrival = type === "file" ? "read" : "received";
  const { field, format, zone, from } = time;
  if (from === "read") return [`Their time is the time at which they are ${arrival}.`];
  const places = [...field, "a time at the beginning of a line of text"].join(", ");
  const lines = [
    `Their time is the first of these that an event has: ${places}; else the time at which it is ${arrival}.`,
  ];
  const form = format === "auto" ? "in any usual form" : `as ${format}`;
  const without = zone === undefined ? "cannot be read" : `is in ${zone}`;
  return [...lines, `It is read ${form}; a time without a zone ${without}.`];
}

function explainMatches(glob: string, { files, excluded }: Partial<Lead>): string[] {
  if (files === undefined || files.length === 0) {
    const what = excluded === undefined ? "no file" : `only excluded files, such as ${excluded},`;
    return [`${glob}: matches ${what} now`];
  }
  const bytes = files.reduce((sum, { size_bytes }) => sum + size_bytes, 0);
  const count = files.length === 1 ? "one file" : `${files.length} files`;
  const lines = files
    .slice(0, files_shown_max)
    .map(({ path, size_bytes }) => `  ${path} (${approximateSize(size_bytes)})`);
  if (files.length > files_shown_max) lines.push(`  and ${files.length - files_shown_max} more`);
  return [`${glob}: matches ${count} now, ${approximateSize(bytes)}`, ...lines];
}
