/** A chain of the one isolated step, in its process: the same code as everywhere decides what a step may do. */
import { LogEvent } from "../../event/log-event.ts";
import { Records } from "../../event/block.ts";
import type { Metadata, Verdict } from "../../event/event.ts";
import { TallymanError } from "../../platform/errors.ts";
import { type Logger, silentLogger } from "../../platform/log.ts";
import { systemClock } from "../../platform/clock.ts";
import type { Plugin, PluginContext } from "../../plugin.ts";
import type { Chain } from "../chain.ts";
import { compileChain } from "../compile.ts";
import type { BodySource, Channel, Parcel } from "../isolation/channel.ts";
import {
  answers,
  type DeclaredSecrets,
  type EventEnd,
  type EventHead,
  type IsolationOrders,
  type IsolationReport,
  type PartHead,
} from "../isolation/orders.ts";
import type { ListState } from "../lists/file-list.ts";
import { forwardedLog } from "../plugin-log/plugin-log.ts";
import { importPlugin } from "../plugins/plugin-modules.ts";
import { reasons } from "../plugins/failure.ts";
import { Split } from "../split.ts";
import { codeOf } from "../plugins/watched-step.ts";

const nothing: BodySource = { length: 0, copyTo: () => undefined };

export class ServedStep {
  readonly secrets: readonly DeclaredSecrets[];
  readonly #chain: Chain;
  readonly #step: string;
  #metadata: { json: string; value: Metadata } = { json: "{}", value: {} };

  private constructor(chain: Chain, step: string, secrets: readonly DeclaredSecrets[]) {
    this.#chain = chain;
    this.#step = step;
    this.secrets = secrets;
  }

  /** Throws TallymanError config_invalid for what the plugin refuses, or where its files have changed. */
  static async make(
    orders: IsolationOrders,
    report: (what: IsolationReport) => void,
  ): Promise<ServedStep> {
    const { file, code, step, plugin: name, options, outputs, files } = orders;
    const { exported, sha256, imports } = await importPlugin(file);
    const plugin = exported.default as Plugin;
    const secrets: DeclaredSecrets[] = [];
    const log = forwardedLog(systemClock, {
      line: (level, line) => report({ kind: "log", level, ...line }),
      leftOut: (lines) => report({ kind: "left_out", lines }),
    });
    const loaded = {
      plugin: noting(plugin, secrets, log),
      file,
      sha256,
      imports,
      built_in: false,
    };
    if (codeOf(loaded, options) !== code) {
      throw new TallymanError("config_invalid", "changed", {
        complaints: [{ path: [], message: "its files have changed since they were loaded" }],
      });
    }
    const steps = [
      { name: step, on_error: "quarantine" as const, isolate: undefined, [name]: options },
    ];
    const plugins = new Map([[name, loaded]]);
    const context = { log: forwarding(report), outputs, ...files, at: [] };
    const chain = await compileChain(steps, plugins, context);
    return new ServedStep(chain, step, secrets);
  }

  get outputs(): readonly string[] {
    return [...this.#chain.outputs];
  }

  /** The tables that it reads from files. */
  get lists(): readonly ListState[] {
    return this.#chain.lists.map(({ path, count }) => ({ path, count }));
  }

  dispose(): Promise<void> {
    return this.#chain.dispose();
  }

  /** Handles an event, and writes to the channel what became of it. */
  handle({ head, body }: Parcel, channel: Channel): void {
    const event = this.#eventOf(head, body);
    const { time, metadata } = event;
    const failed = this.#chain.steps[0]!.failed;
    const end = this.#chain.runHere(event);
    if (end instanceof Split) {
      writeParts(channel, end, { time, body, event });
      return;
    }
    if (end !== undefined) {
      const is_failed = this.#chain.steps[0]!.failed > failed;
      channel.write(this.#endKind(end, is_failed), JSON.stringify(endOf(end)), nothing);
      return;
    }
    const record = recordOf(event);
    const is_same_head = event.time === time && event.metadata === metadata;
    const is_same_record = record.equals(body);
    const new_head: EventHead = { time: event.time, metadata: event.metadata };
    const kind =
      (is_same_head ? 0 : answers.changed_head) | (is_same_record ? 0 : answers.changed_record);
    const answer_head = is_same_head ? "" : JSON.stringify(new_head);
    if (!channel.write(kind, answer_head, is_same_record ? nothing : bodyOf(record))) {
      channel.write(answers.too_long, "", nothing);
    }
  }

  #endKind({ reason }: Verdict, is_failed: boolean): number {
    if (!is_failed) return answers.ended;
    return reason === reasons.unreadable(this.#step) ? answers.unreadable : answers.failed;
  }

  #eventOf(head: string, bytes: Buffer): LogEvent<Records> {
    const at = head.indexOf("\n");
    const time = head.slice(0, at);
    const json = head.slice(at + 1);
    if (json !== this.#metadata.json) {
      this.#metadata = { json, value: JSON.parse(json) as Metadata };
    }
    const { value: metadata } = this.#metadata;
    const records = Records.ofOne(bytes, {
      origin: { input: "", stream: "", metadata },
      read_at_ms: 0,
      known: [{ time }],
    });
    return new LogEvent(records, 0, this.#chain.scanner);
  }
}

/** Puts the events there that the step gave for one, which was given with this time and record. */
function writeParts(
  channel: Channel,
  { parts }: Split,
  given: { readonly time: string; readonly body: Buffer; readonly event: LogEvent<Records> },
): void {
  const records: Buffer[] = [];
  const heads = parts.map((part): PartHead => {
    const { metadata } = part;
    const is_own = part === given.event;
    const time = part.time === given.time ? undefined : part.time;
    const record = recordOf(part);
    if (is_own && record.equals(given.body)) return { is_own, time, metadata, length: undefined };
    records.push(record);
    return { is_own, time, metadata, length: record.length };
  });
  const body = bodyOf(Buffer.concat(records));
  if (channel.write(answers.split, JSON.stringify(heads), body)) return;
  channel.write(answers.too_long, "", nothing);
}

function recordOf(event: LogEvent<Records>): Buffer {
  const record = Buffer.allocUnsafe(event.byteLength);
  return record.subarray(0, event.copyTo(record, 0));
}

function bodyOf(record: Buffer): BodySource {
  return { length: record.length, copyTo: (target, at) => void record.copy(target, at) };
}

function endOf({ fate, reason, detail }: Verdict): EventEnd {
  return { fate, reason, detail };
}

/** The plugin, with the secrets noted that its step declares, and with a log that the chain masks. */
function noting(plugin: Plugin, secrets: DeclaredSecrets[], log: PluginContext["log"]): Plugin {
  const note = (context: PluginContext): PluginContext => ({
    ...context,
    log,
    secrets: (paths, replacement) => {
      const declared = paths.map(({ text, ignore_case, secret }) => ({
        text,
        ignore_case,
        secret,
      }));
      secrets.push({ paths: declared, replacement });
      return context.secrets(paths, replacement);
    },
  });
  return { ...plugin, create: (options, context) => plugin.create(options, note(context)) };
}

/** What is logged of a list. */
interface ListFacts {
  readonly file: string;
  readonly values: number;
  readonly reason?: string;
}

/** What becomes of its tables is logged by the chain, and that the step failed is seen there, too. */
function forwarding(report: (what: IsolationReport) => void): Logger {
  const forward =
    (level: "info" | "warn", own: string) =>
    (code: string, facts: object, message: string): void => {
      if (code !== own) return;
      const { file: path, values: count, reason: trouble } = facts as ListFacts;
      report({ kind: "list", list: { path, count, trouble } });
      report({ kind: "log", level, facts, message });
    };
  return {
    ...silentLogger,
    info: forward("info", "list_read"),
    warn: forward("warn", "list_unreadable"),
  };
}
