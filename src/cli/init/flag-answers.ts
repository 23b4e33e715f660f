/** The answers as options gave them, for `--yes` and for whoever gives some of them only; all that is wrong is reported at once. */
import { join } from "node:path";
import { escapeGlob } from "../../config/document/paths.ts";
import { TallymanError } from "../../platform/errors.ts";
import { readShortFile, UnusableFile } from "../../platform/files/short-file.ts";
import {
  globFault,
  indexFault,
  listenFault,
  sourcetypeFault,
  tokenFault,
  urlFault,
  type Answers,
  type EventSource,
  type InitFlags,
} from "./answers.ts";
import type { FoundLogs, Looked } from "./find-logs.ts";
import { kind_names } from "./kind-names.ts";
import type { LogKind } from "./kinds.ts";

/** A token is one short line. */
const token_bytes_max = 4096;
/** Where a webhook listens if nothing is said: nobody else can reach it there. */
export const usual_listen = "127.0.0.1:8088";

/** What options have answered; undefined stands for no answer. */
export interface Given {
  readonly source: EventSource | undefined;
  readonly url: string | undefined;
  readonly token: string | undefined;
  readonly index: string | undefined;
  readonly sourcetype: string | undefined;
}

/** Reads and judges the options. Throws TallymanError usage with all that is wrong. */
export async function givenBy(flags: InitFlags, kind: LogKind | undefined): Promise<Given> {
  const { path = [], listen, url, index, sourcetype } = flags;
  const faults: string[] = [];
  const judge = (
    option: string,
    text: string | undefined,
    fault: (text: string) => string | undefined,
  ): void => {
    const found = text === undefined ? undefined : fault(text);
    if (found !== undefined) faults.push(`${option}: ${found}`);
  };
  // A path from here, wherever the configuration will be.
  const here = escapeGlob(process.cwd());
  const globs = path.map((each) => (each.startsWith("/") ? each : join(here, each)));
  for (const glob of globs) judge("--path", glob, globFault);
  judge("--listen", listen, listenFault);
  judge("--url", url, urlFault);
  judge("--index", index, indexFault);
  judge("--sourcetype", sourcetype, sourcetypeFault);
  if (globs.length > 0 && listen !== undefined) {
    faults.push("--path and --listen: events come from files or over HTTP; give one of them");
  }
  if (listen !== undefined && kind !== undefined && kind.webhook === undefined) {
    faults.push(`--listen: ${kind.name} is read from files; give --path`);
  }
  const token = await tokenGiven(flags, faults);
  if (faults.length > 0) throw new TallymanError("usage", faults.join("\n"));
  const source: EventSource | undefined =
    listen !== undefined
      ? { kind: "webhook", listen }
      : globs.length > 0
        ? { kind: "files", globs }
        : undefined;
  return { source, url, token, index, sourcetype };
}

/** All answers without a question. Throws TallymanError usage that says which options are missing. */
export function answersOf(
  kind: LogKind,
  given: Given,
  { found, hidden, has_token }: Looked & { has_token: boolean },
): Answers {
  const missing: string[] = [];
  const source = given.source ?? sourceFound(kind, found);
  if (source === undefined) missing.push(whereToFind(kind, hidden));
  if (given.url === undefined) missing.push("--url: the address of Splunk's HTTP Event Collector");
  if (given.token === undefined && !has_token) missing.push(token_advice);
  if (source === undefined || given.url === undefined || missing.length > 0) {
    throw new TallymanError("usage", `these options are missing:\n  ${missing.join("\n  ")}`);
  }
  return { ...given, kind, source, url: given.url };
}

const token_advice = "--token-file FILE or --token-stdin: the token for it";

/** Why no questions can be asked, and how to do without. */
export function noTerminal(kind: LogKind | undefined, given: Given): TallymanError {
  const named = kind === undefined ? `one of ${kind_names.join(", ")}` : kind.name;
  const options = [
    ...(given.url === undefined ? ["--url URL"] : []),
    ...(given.token === undefined ? ["--token-file FILE (or --token-stdin)"] : []),
    ...(kind?.name === "file" && given.source === undefined ? ["--path PATH"] : []),
  ];
  return new TallymanError(
    "usage",
    `there is no terminal to ask questions on. Give --yes and what it would ask for: ${[named, ...options].join(", ")}`,
  );
}

function sourceFound(kind: LogKind, found: readonly FoundLogs[]): EventSource | undefined {
  if (found.length > 0) return { kind: "files", globs: found.map(({ glob }) => glob) };
  return kind.webhook === undefined ? undefined : { kind: "webhook", listen: usual_listen };
}

/** What was looked at in vain. */
function whereToFind({ name, places }: LogKind, hidden: readonly string[]): string {
  if (places.length === 0) return "--path PATH: the log, or a glob for several";
  const looked = places.map((place) => `    ${place}`).join("\n");
  const closed = hidden.length === 0 ? "" : `\n  this user may not look at ${hidden.join(", ")}`;
  return `--path PATH: there is no log of ${name} in the usual places:\n${looked}${closed}`;
}

async function tokenGiven(flags: InitFlags, faults: string[]): Promise<string | undefined> {
  const { tokenFile: file, tokenStdin: from_stdin = false } = flags;
  if (flags.token !== undefined)
    faults.push(
      "--token: whoever lists the processes would see it; give it in a file with --token-file FILE, or with --token-stdin",
    );
  if (file !== undefined && from_stdin)
    faults.push("--token-file and --token-stdin: give one of them");
  try {
    const text = file === undefined ? undefined : readShortFile(file, token_bytes_max);
    const token = (from_stdin ? await readStandardInput() : text)?.trim();
    const fault = token === undefined ? undefined : tokenFault(token);
    if (fault !== undefined)
      faults.push(`${from_stdin ? "--token-stdin" : "--token-file"}: ${fault}`);
    return token;
  } catch (thrown) {
    if (!(thrown instanceof UnusableFile)) throw thrown;
    faults.push(
      from_stdin ? `--token-stdin: ${thrown.message}` : `--token-file: ${file} ${thrown.message}`,
    );
    return undefined;
  }
}

/** What is piped in. Typed on a terminal, it would be shown. */
async function readStandardInput(): Promise<string> {
  if (process.stdin.isTTY)
    throw new UnusableFile("standard input is a terminal; pipe the token in");
  const parts: Buffer[] = [];
  let length = 0;
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
    parts.push(chunk);
    length += chunk.length;
    if (length > token_bytes_max) throw new UnusableFile("is longer than a token");
  }
  return Buffer.concat(parts).toString();
}
