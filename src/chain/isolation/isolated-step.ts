/**
 * A step whose plugin runs in a process of its own. To the chain it is a step as any other: it gives an event, and gets it back
 * changed, or ended; where the process fails, the step has failed on the one event that it had.
 */
import type { Records } from "../../event/block.ts";
import { type Event, type Metadata, UnreadableError, Verdict } from "../../event/event.ts";
import type { LogEvent } from "../../event/log-event.ts";
import { StepFailure } from "../../platform/step-failure.ts";
import type { Handle, PluginContext } from "../../plugin.ts";
import type { FileLists } from "../lists/file-lists.ts";
import { logLeftOut } from "../plugin-log/plugin-log.ts";
import type { CreatedStep } from "../plugins/created-step.ts";
import {
  answers,
  type EventEnd,
  type EventHead,
  type FirstReport,
  headText,
  type IsolationOrders,
  type PartHead,
} from "./orders.ts";
import type { Parcel } from "./channel.ts";
import { IsolatedProcess, type ProcessDeps } from "./isolated-process.ts";

const no_metadata: Metadata = {};

/** Starts the process; gives its step, or what the plugin complains about. Rejects where it does not start. */
export async function isolatedStep(
  orders: IsolationOrders,
  context: PluginContext,
  { lists, ...deps }: Omit<ProcessDeps, "onLog" | "onLeftOut" | "onList"> & { lists: FileLists },
): Promise<CreatedStep | Exclude<FirstReport, { kind: "ready" }>> {
  const onLog: ProcessDeps["onLog"] = ({ level, facts, message }) =>
    context.log[level](facts, message);
  const onLeftOut = (lines: number): void => logLeftOut(deps.log, context.step, lines);
  const onList: ProcessDeps["onList"] = (list) => lists.note(context.step, list);
  const isolated = new IsolatedProcess(orders, { ...deps, onLog, onLeftOut, onList });
  const first = await isolated.start();
  if (typeof first === "string") {
    await isolated.dispose();
    throw new StepFailure(first);
  }
  if (first.kind === "refused") {
    await isolated.dispose();
    return first;
  }
  for (const name of first.outputs) context.output(name);
  for (const { paths, replacement } of first.secrets) {
    const own = paths.map(({ text, ...options }) => context.path(text, options));
    context.secrets(own, replacement);
  }
  return {
    handle: handleOf(isolated),
    dispose: () => isolated.dispose(),
    hold: () => isolated.hold(),
  };
}

function handleOf(isolated: IsolatedProcess): Handle {
  let last = { metadata: no_metadata, json: "{}" };
  return (given) => {
    const event = given as LogEvent<Records>;
    const { metadata } = event;
    if (metadata !== last.metadata) last = { metadata, json: JSON.stringify(metadata) };
    const length = event.byteLength;
    const body = { length, copyTo: (target: Buffer, at: number) => void event.copyTo(target, at) };
    const answer = isolated.ask(headText(event.time, last.json), body);
    const { kind, head } = answer;
    if (kind === answers.kept) return event;
    if (kind === answers.split) return splitOf(event, answer);
    if (kind >= answers.ended) return endOf(kind, head);
    if ((kind & answers.changed_record) !== 0) event.text = answer.body.toString();
    if ((kind & answers.changed_head) !== 0) change(event, JSON.parse(head) as EventHead);
    return event;
  };
}

/** Throws where the step has failed. */
function endOf(kind: number, head: string): Verdict {
  if (kind === answers.unreadable) throw new UnreadableError();
  if (kind === answers.too_long) throw new StepFailure("the event has become too long");
  const { fate, reason, detail } = JSON.parse(head) as EventEnd;
  if (kind === answers.failed) throw new StepFailure(detail ?? "the step failed");
  return new Verdict(fate, reason, detail);
}

/** The events that the step gave for this one. Throws where they are too many. */
function splitOf(event: LogEvent<Records>, { head, body }: Parcel): Event[] {
  const { time: other_time } = event;
  let at = 0;
  return (JSON.parse(head) as PartHead[]).map(({ is_own, time, metadata, length = 0 }) => {
    const record = body.subarray(at, at + length);
    at += length;
    const part = is_own ? event : event.makeOf(record, other_time);
    if (is_own && length > 0) event.text = record.toString();
    change(part, { time, metadata });
    return part;
  });
}

function change(
  event: Event & { metadata: Metadata },
  { time, metadata }: Pick<PartHead, "time" | "metadata">,
): void {
  if (time !== undefined && time !== event.time) event.time = time;
  event.host = metadata.host;
  event.source = metadata.source;
  event.sourcetype = metadata.sourcetype;
  event.index = metadata.index;
  if (JSON.stringify(metadata.fields) !== JSON.stringify(event.metadata.fields)) {
    event.fields = metadata.fields;
  }
  event.output = metadata.output;
}
