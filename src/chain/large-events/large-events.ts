/**
 * Large events, whose redaction may take long: it is left to a thread, so that the event loop goes on.
 *
 * Hostile text costs up to a microsecond a byte. What is small enough costs so little that it is redacted where it is.
 * A chain does this only for those who can wait between its steps; see `Away`.
 */
import type { Records } from "../../event/block.ts";
import { type Event, type Metadata, UnreadableError, Verdict } from "../../event/event.ts";
import type { LogEvent } from "../../event/log-event.ts";
import { large_bytes } from "../../event/record-bytes.ts";
import type { Path } from "../../event/scan/path.ts";
import type { Scanner } from "../../event/scanner.ts";
import { StepFailure } from "../../platform/step-failure.ts";
import type { Handle, PluginContext } from "../../plugin.ts";
import type { ChainOrders, DeclaredPath, EventAnswer, OwnSecrets } from "./orders.ts";
import { redaction_thread, type RedactionThread } from "./redaction-thread.ts";

/** A step's answer for an event that is to be redacted elsewhere: the step is to be run again then. */
export class Away {
  /** The number of the step in its chain. */
  readonly step: number;
  readonly #settle: () => Promise<void>;

  constructor(step: number, settle: () => Promise<void>) {
    this.step = step;
    this.#settle = settle;
  }

  /** Has it redacted in the thread. Then the chain is to be run on the event from `step` on. Never rejects. */
  settle(): Promise<void> {
    return this.#settle();
  }
}

/** A redact step as its chain has it. */
export interface RedactStep {
  readonly options: { readonly when?: unknown; readonly redact?: unknown };
  /** Its number among the steps of its chain. */
  readonly number: number;
  /** Those of its patterns and detectors that have found something. */
  readonly found: Set<string>;
}

/** Those of one chain. */
export class LargeEvents {
  readonly #folder: string;
  readonly #thread: RedactionThread;
  readonly #steps: object[] = [];
  readonly #declared: OwnSecrets[] = [];
  readonly #answers = new WeakMap<Event, EventAnswer | "here">();
  #orders: ChainOrders | undefined;
  #scanner: Scanner | undefined;
  #is_on = false;

  constructor(folder: string, thread = redaction_thread) {
    this.#folder = folder;
    this.#thread = thread;
  }

  /** The context of a step of another plugin, of which the secrets are noted that it declares. */
  noting(context: PluginContext): PluginContext {
    return {
      ...context,
      secrets: (paths, replacement, detected) => {
        this.#declared.push({ paths: paths.map(declaredPath), replacement });
        return context.secrets(paths, replacement, detected);
      },
    };
  }

  /** The step, which gives large events `Away` once that is wanted. */
  handleOf(handle: Handle, { options, number, found }: RedactStep): Handle {
    const step = this.#steps.push(withoutCondition(options)) - 1;
    return (given) => {
      if (!this.#is_on) return handle(given);
      const event = given as LogEvent<Records>;
      const { starts, ends } = event.block;
      if (ends[event.number]! - starts[event.number]! <= large_bytes) return handle(event);
      const answer = this.#answers.get(event);
      this.#answers.delete(event);
      if (answer === "here") return handle(event);
      if (answer !== undefined) return this.#answered(event, answer, found);
      const away = new Away(number, () => this.#ask(event, step));
      // The chain hands it on to whoever runs it.
      return away as unknown as ReturnType<Handle>;
    };
  }

  /** Has large events given away from now on. Comes when the chain is compiled. */
  turnOn(scanner: Scanner): void {
    this.#scanner = scanner;
    this.#is_on = true;
  }

  /** Has the event redacted where it is after all, when its chain is run on it again. */
  keepHere(event: Event): void {
    this.#answers.set(event, "here");
  }

  async #ask(event: LogEvent<Records>, step: number): Promise<void> {
    const record = new Uint8Array(event.byteLength);
    event.copyTo(Buffer.from(record.buffer), 0);
    this.#orders ??= { steps: this.#steps, declared: this.#declared, folder: this.#folder };
    const { metadata } = event;
    this.#answers.set(event, await this.#thread.ask(this.#orders, { record, metadata, step }));
  }

  /** Does to the event what the thread did. Throws where the step has failed there. */
  #answered(event: LogEvent<Records>, answer: EventAnswer, found: Set<string>): Event | Verdict {
    for (const name of answer.patterns) found.add(name);
    this.#scanner?.noteFoundPaths(answer.paths);
    if (answer.kind === "unreadable") throw new UnreadableError();
    if (answer.kind === "failed") throw new StepFailure("the thread for large events has failed");
    if (answer.metadata !== undefined) changeMetadata(event, answer.metadata);
    const { record, end } = answer;
    if (record !== undefined) event.text = Buffer.from(record.buffer).toString();
    return end === undefined ? event : new Verdict(end.fate, end.reason, end.detail);
  }
}

function declaredPath({ text, ignore_case, secret, segments }: Path): DeclaredPath {
  const last = segments.at(-1);
  return { text, ignore_case, secret, globs: last?.kind === "glob" ? last.glob.texts : undefined };
}

function changeMetadata(event: LogEvent<Records>, metadata: Metadata): void {
  const { host, source, sourcetype, fields } = metadata;
  Object.assign(event, { host, source, sourcetype });
  if (JSON.stringify(fields) !== JSON.stringify(event.fields)) event.fields = fields;
}

/** What the thread needs of a step: the chain looks at its condition, and once more at the event behind all steps. */
function withoutCondition(options: RedactStep["options"]): object {
  const { when: _, ...step } = options;
  return { ...step, redact: { ...(step.redact as object), verify: false } };
}
