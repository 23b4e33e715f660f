/**
 * `tallyman init`: a first configuration. It takes the answers from options or from questions, looks into the logs, writes the
 * configuration and the tokens, checks and examines the result, and says what comes next.
 */
import { existsSync, statSync } from "node:fs";
import { systemClock } from "../../platform/clock.ts";
import { TallymanError } from "../../platform/errors.ts";
import { printable, printableColoured } from "../../platform/text/printable.ts";
import { examineAndPrint, leave } from "../doctor/doctor.ts";
import { ending } from "../process/ending.ts";
import { type Colouring, colouring } from "../terminal/style.ts";
import type { Answers, InitFlags } from "./answers.ts";
import { configurationText } from "./configuration.ts";
import { findLogs, lookInto } from "./find-logs.ts";
import { answersOf, givenBy, noTerminal } from "./flag-answers.ts";
import { kind_names } from "./kind-names.ts";
import { kindNamed } from "./kinds.ts";
import { checkedWarnings, foundLines, nextLines, configurationOption } from "./outcome.ts";
import { type Placement, placementFor } from "./placement.ts";
import { filesInTheWay, inTheWay, writeFiles } from "./writing.ts";

/** As after any Ctrl-C: 128 and the number of SIGINT. */
const exit_cancelled = 130;

interface Agreed {
  readonly answers: Answers;
  /** Whether files may be overwritten. */
  readonly replaces: boolean;
}

/** What the command does. */
export async function init(
  name: string | undefined,
  flags: InitFlags & { readonly color?: Colouring },
): Promise<void> {
  colouring.wanted = flags.color ?? "auto";
  const placement = await placementFor(flags.output, process.env);
  const agreed = await (flags.yes === true
    ? withoutQuestions(name, flags, placement)
    : withQuestions(name, flags, placement));
  if (agreed === undefined) {
    console.log("Nothing was written.");
    ending.status = exit_cancelled;
    return;
  }
  await make(agreed, placement, flags);
}

async function withoutQuestions(
  name: string | undefined,
  flags: InitFlags,
  placement: Placement,
): Promise<Agreed> {
  if (name === undefined) {
    throw new TallymanError("usage", `name the kind of logs: ${kind_names.join(", ")}`);
  }
  const kind = kindNamed(name);
  const given = await givenBy(flags, kind);
  const looked =
    given.source === undefined ? await findLogs(kind, systemClock) : { found: [], hidden: [] };
  const has_token = existsSync(placement.splunk_token.path);
  const answers = answersOf(kind, given, { ...looked, has_token });
  const in_the_way = filesInTheWay(answers, placement);
  const replaces = flags.force === true;
  if (in_the_way.length > 0 && !replaces) throw inTheWay(in_the_way);
  return { answers, replaces };
}

/** Undefined where somebody has thought better of it. */
async function withQuestions(
  name: string | undefined,
  flags: InitFlags,
  placement: Placement,
): Promise<Agreed | undefined> {
  const named = name === undefined ? undefined : kindNamed(name);
  const given = await givenBy(flags, named);
  if (!process.stdin.isTTY || !process.stdout.isTTY) throw noTerminal(named, given);
  const { Cancelled, Questions } = await import("./questions.ts");
  const questions = await Questions.open(systemClock);
  try {
    const kind = named ?? (await questions.kind());
    const { path } = placement.splunk_token;
    const answers = await questions.answers(kind, given, existsSync(path) ? path : undefined);
    const in_the_way = flags.force === true ? [] : filesInTheWay(answers, placement);
    const is_free = in_the_way.length === 0;
    await questions.agrees(
      is_free ? `Write ${placement.config}?` : `Replace ${in_the_way.join(" and ")}?`,
      is_free,
    );
    questions.end();
    return { answers, replaces: flags.force === true || !is_free };
  } catch (thrown) {
    if (thrown instanceof Cancelled) return undefined;
    throw thrown;
  }
}

async function make(
  { answers, replaces }: Agreed,
  placement: Placement,
  { send = true, tokenFile }: InitFlags,
): Promise<void> {
  const { source } = answers;
  const found = source.kind === "files" ? await lookInto(source.globs, systemClock) : undefined;
  if (source.kind === "files") for (const line of foundLines(found)) console.log(printable(line));
  const findings = found === undefined || "note" in found ? undefined : found;
  const text = configurationText(answers, placement, findings);
  for (const path of await writeFiles(answers, placement, { text, replaces })) {
    console.log(printable(`wrote ${path}`));
  }
  if (tokenFile !== undefined && isOpen(tokenFile, placement)) {
    console.log(
      printable(`${tokenFile} can be read by every user: remove it, it is not needed any more.`),
    );
  }
  const { config } = placement;
  const warnings = await checkedWarnings(config);
  const next = nextLines(answers, placement);
  console.log("\nIt is valid. What `tallyman doctor` finds:\n");
  const examined = await examineAndPrint({ config, send });
  const said = new Set(examined.found.map(({ message }) => message));
  for (const each of warnings) if (!said.has(each)) console.log(printable(`Warning: ${each}`));
  if (examined.failed > 0) {
    console.log(
      printable(
        `The configuration is written, and stays. Once this is fixed:  tallyman doctor${configurationOption(config)}`,
      ),
    );
  }
  for (const line of ["", ...next]) console.log(printableColoured(line));
  if (examined.hanging) leave(0);
}

/** Whether the file that the token came from can be read by everybody, and is not the one that it is kept in. */
function isOpen(file: string, { splunk_token }: Placement): boolean {
  const stats = statSync(file, { throwIfNoEntry: false });
  const kept = statSync(splunk_token.path, { throwIfNoEntry: false });
  return stats !== undefined && stats.ino !== kept?.ino && (stats.mode & 0o004) !== 0;
}
