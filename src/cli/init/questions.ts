/**
 * The questions of `tallyman init` on a terminal, for what no option has answered. Loaded only where somebody is asked.
 */
import type * as Clack from "@clack/prompts";
import type { Clock } from "../../platform/clock.ts";
import { printable } from "../../platform/text/printable.ts";
import { asciiOutput, isUnicode } from "../terminal/character-set.ts";
import {
  globFault,
  indexFault,
  listenFault,
  tokenFault,
  urlFault,
  type Answers,
  type EventSource,
} from "./answers.ts";
import { findLogs, type FoundLogs } from "./find-logs.ts";
import { usual_listen, type Given } from "./flag-answers.ts";
import { kindNamed, log_kinds, type LogKind } from "./kinds.ts";

/** Somebody has pressed Ctrl-C or Esc: nothing is to be done. */
export class Cancelled extends Error {}

const another = "another";

export class Questions {
  readonly #clack: typeof Clack;
  readonly #clock: Clock;
  /** For every question. */
  readonly #shown: Clack.CommonOptions = isUnicode(process.env)
    ? {}
    : { output: asciiOutput(process.stdout) };

  private constructor(clack: typeof Clack, clock: Clock) {
    this.#clack = clack;
    this.#clock = clock;
  }

  static async open(clock: Clock): Promise<Questions> {
    const questions = new Questions(await loadClack(), clock);
    questions.#clack.intro("A first configuration for tallyman", questions.#shown);
    return questions;
  }

  /** The kind of log. */
  async kind(): Promise<LogKind> {
    const options = log_kinds.map(({ name, title }) => ({ value: name, label: name, hint: title }));
    return kindNamed(
      await this.#of(this.#clack.select({ ...this.#shown, message: "Which logs?", options })),
    );
  }

  /** What is not given yet. `stored` is the file of a token that can be kept. */
  async answers(kind: LogKind, given: Given, stored: string | undefined): Promise<Answers> {
    const source = given.source ?? (await this.#source(kind));
    const index =
      given.index ??
      (await this.#text("Which index in Splunk?", {
        placeholder: "empty: the token's default index",
        fault: (text) => (text === "" ? undefined : indexFault(text)),
      }));
    const url =
      given.url ??
      (await this.#text("Where is Splunk's HTTP Event Collector?", {
        placeholder: "https://splunk.example.com:8088",
        fault: urlFault,
      }));
    const token = given.token ?? (await this.#token(stored));
    const { sourcetype } = given;
    return { kind, source, url, token, sourcetype, index: index === "" ? undefined : index };
  }

  /** Whether to go on. */
  async agrees(message: string, is_usual: boolean): Promise<void> {
    const confirm = this.#clack.confirm({
      ...this.#shown,
      message: printable(message),
      initialValue: is_usual,
    });
    if (!(await this.#of(confirm))) throw new Cancelled();
  }

  /** Says that all questions are answered. */
  end(): void {
    this.#clack.outro("That is all.", this.#shown);
  }

  async #source(kind: LogKind): Promise<EventSource> {
    const { found } = await findLogs(kind, this.#clock);
    const { webhook } = kind;
    if (webhook === undefined) return { kind: "files", globs: await this.#globs(kind, found) };
    const options = [
      { value: "webhook", label: "over HTTP", hint: "tallyman listens, and it posts" },
      { value: "files", label: "from files" },
    ] as const;
    const way = await this.#of(
      this.#clack.select<"webhook" | "files">({
        ...this.#shown,
        message: "How do the events come?",
        options: [...options],
        initialValue: found.length > 0 ? "files" : "webhook",
      }),
    );
    if (way === "files") return { kind: "files", globs: await this.#globs(kind, found) };
    const listen = await this.#text("Where shall tallyman listen?", {
      initialValue: usual_listen,
      fault: listenFault,
    });
    return { kind: "webhook", listen };
  }

  async #globs(kind: LogKind, found: readonly FoundLogs[]): Promise<readonly string[]> {
    if (found.length > 0) {
      const options = found.map(({ glob, files }) => ({
        value: glob,
        label: printable(glob),
        hint: files.length === 1 ? "1 file" : `${files.length} files`,
      }));
      const chosen = await this.#of(
        this.#clack.multiselect({
          ...this.#shown,
          message: "Which files?",
          options: [...options, { value: another, label: "others", hint: "you name the path" }],
          initialValues: found.map(({ glob }) => glob),
        }),
      );
      if (!chosen.includes(another)) return chosen;
    }
    const [example = "/var/log/app/audit*.log"] = kind.places;
    const path = await this.#text("Where are the files? A path, or a glob for several", {
      placeholder: example,
      fault: globFault,
    });
    return [path];
  }

  async #token(stored: string | undefined): Promise<string | undefined> {
    if (stored !== undefined) {
      const message = `Use the token in ${printable(stored)}?`;
      if (await this.#of(this.#clack.confirm({ ...this.#shown, message }))) return undefined;
    }
    const answer = this.#clack.password({
      ...this.#shown,
      message: "The token for it? It is kept in a file of its own",
      validate: (text) => tokenFault((text ?? "").trim()),
    });
    return (await this.#of(answer)).trim();
  }

  async #text(
    message: string,
    asked: Pick<Clack.TextOptions, "placeholder" | "initialValue"> & {
      fault(text: string): string | undefined;
    },
  ): Promise<string> {
    const { placeholder, initialValue } = asked;
    const answer = this.#clack.text({
      ...this.#shown,
      message,
      validate: (text) => asked.fault((text ?? "").trim()),
      ...(placeholder !== undefined && { placeholder }),
      ...(initialValue !== undefined && { initialValue }),
    });
    return (await this.#of(answer)).trim();
  }

  /** The answer. Throws Cancelled where there is none. */
  async #of<Answer>(asked: Promise<Answer | typeof Clack.CANCEL_SYMBOL>): Promise<Answer> {
    const answer = await asked;
    if (this.#clack.isCancel(answer)) throw new Cancelled();
    return answer;
  }
}

/** It decides by TERM alone whether it draws in Unicode, when it is loaded. */
async function loadClack(): Promise<typeof Clack> {
  const { TERM } = process.env;
  if (!isUnicode(process.env)) process.env["TERM"] = "linux";
  try {
    return await import("@clack/prompts");
  } finally {
    if (TERM === undefined) delete process.env["TERM"];
    else process.env["TERM"] = TERM;
  }
}
