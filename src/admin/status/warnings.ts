/**
 * What in a status somebody should look at, in words that say what to do or where to look.
 *
 * A problem keeps events from their way or soon will, or says that what is configured cannot be meant so. A hint may be as
 * it should be.
 */
import { indexName, type RefusedIndexStatus } from "./waiting-report.ts";
import { approximateSize } from "../../platform/text/units.ts";
import { conditionWarnings } from "./condition-warnings.ts";
import { fleetWarnings } from "./fleet-warnings.ts";
import { redactionWarnings } from "./redaction-warnings.ts";
import { stepWarnings } from "./step-warnings.ts";
import { timeWarnings } from "./time-warnings.ts";
import type { FilesReport, InputStatus, OutputReport, SendingStatus, Status } from "./status.ts";
import { hint, problem, type Warning } from "./warning.ts";

export type { Warning } from "./warning.ts";

/** An input that was not read on for less than this is merely busy. */
const paused_seconds_min = 60;
/** Of an input. Of more, how many they are. */
const shown_refused_max = 5;
/** What a writer has begun for less than this, it may end; and a whole document is shipped after a minute. */
const unfinished_seconds_min = 120;
/** A server that was busy for less than this is no news. */
const retrying_seconds_min = 10;
/** A Date header has whole seconds, and answers take their time. The doctor has the same bound. */
const clock_ahead_seconds_max = 10;
/** A journal, or the quarantine, that holds more than this part of its limit is nearly full. */
const full_part = 0.8;
/** Of the agents that share their names with others. */
const shared_named_max = 5;
/** Of the disk of state_dir: journals stop 64 MiB before its end, and the state needs room. */
const free_part_min = 0.05;
const free_bytes_min = 256 * 1024 * 1024;

export function warningsIn(status: Status): Warning[] {
  // Before the start has finished, what is missing may only be late.
  const is_ready = status.state === "ready";
  return [
    ...(is_ready ? [] : [problem("not_ready", undefined, `the agent is ${status.state}`)]),
    ...(is_ready ? status.inputs.flatMap((input) => inputWarnings(input)) : []),
    ...status.outputs.flatMap((output) => outputWarnings(output, status.at)),
    ...storageWarnings(status),
    ...reloadWarnings(status),
    ...fleetWarnings(status.fleet),
    ...stepWarnings(status.inputs),
    ...conditionWarnings(status.inputs),
    ...redactionWarnings(status.inputs),
    ...timeWarnings(status.inputs),
  ];
}

function inputWarnings(input: InputStatus): Warning[] {
  const { name, files, journals, paused_seconds, silence, socket_missing, batches } = input;
  const warnings: Warning[] = [];
  if (socket_missing) {
    const message = "its socket is gone from its path, so no sender finds it; restart tallyman";
    warnings.push(problem("socket_missing", name, message));
  }
  for (const path of files?.unmatched ?? []) {
    warnings.push(problem("glob_without_match", name, `${path} matches no file`));
  }
  for (const { path, such_as } of files?.excluded ?? []) {
    const message = `${path} matches only excluded files, such as ${such_as}; see exclude`;
    warnings.push(problem("glob_without_match", name, message));
  }
  if (files !== undefined) warnings.push(...fileWarnings(name, files));
  if (paused_seconds >= paused_seconds_min) {
    const minutes = Math.floor(paused_seconds / 60);
    const message = `reading is paused for ${minutes} min by backpressure: its output or buffer accepts no more events`;
    warnings.push(problem("input_paused", name, message));
  }
  if (silence?.is_silent === true) {
    const { silent_seconds, expect_every_seconds = 0 } = silence;
    const message =
      `no event has come in for ${shortTime(silent_seconds)}, and one is expected every ` +
      `${shortTime(expect_every_seconds)} (expect_every); is its writer running?`;
    warnings.push(problem("input_silent", name, message));
  }
  for (const { agent, hosts } of (batches?.shared ?? []).slice(0, shared_named_max)) {
    const message = `two agents have the name ${agent} (${hosts.join(", ")}); give each an \`agent\` and a \`state_dir\` of its own`;
    warnings.push(problem("nats_agent_shared", name, message));
  }
  for (const { output, bytes, bytes_max, is_closed, trouble } of journals) {
    const subject = output === undefined ? name : `${name}@${output}`;
    const held = `${approximateSize(bytes)} of ${approximateSize(bytes_max)}`;
    if (trouble !== undefined) {
      const message = `its journal cannot be written (${trouble}) and accepts nothing`;
      warnings.push(problem("journal_unwritable", subject, message));
    } else if (is_closed) {
      warnings.push(problem("journal_full", subject, `its journal is full: ${held}`));
    } else if (bytes > bytes_max * full_part) {
      warnings.push(problem("journal_nearly_full", subject, `its journal is nearly full: ${held}`));
    }
  }
  return warnings;
}

function shortTime(seconds: number): string {
  return seconds < 120 ? `${Math.floor(seconds)} s` : `${Math.floor(seconds / 60)} min`;
}

function fileWarnings(name: string, files: FilesReport): Warning[] {
  const { unreadable, unreadable_list, refused, refused_list, not_utf8 } = files;
  const warnings: Warning[] = [];
  const [one] = unreadable_list;
  if (one !== undefined) {
    const count = unreadable === 1 ? "1 file" : `${unreadable} files`;
    const message = `${count} cannot be read, such as ${one.path} (${one.error})`;
    warnings.push(problem("file_unreadable", name, message));
  }
  if (not_utf8 > 0) {
    const mixed = files.list.find(({ is_mixed }) => is_mixed);
    const which = mixed === undefined ? "" : `, such as ${mixed.path}`;
    const count = not_utf8 === 1 ? "1 file holds" : `${not_utf8} files hold`;
    warnings.push(problem("file_not_utf8", name, `${count} records in a second encoding${which}`));
  }
  warnings.push(...unfinishedWarnings(name, files));
  for (const { path, message, is_asked_for } of refused_list.slice(0, shown_refused_max)) {
    const warn = is_asked_for ? problem : hint;
    warnings.push(warn("file_refused", name, `${path} ${message}`));
  }
  const more = refused - Math.min(refused_list.length, shown_refused_max);
  if (more > 0) warnings.push(hint("file_refused", name, `${more} more paths are not followed`));
  return warnings;
}

function unfinishedWarnings(name: string, files: FilesReport): Warning[] {
  const { unfinished_seconds } = files.unfinished;
  if (files.is_flushing || unfinished_seconds < unfinished_seconds_min) return [];
  const waiting = files.list.filter(
    (file) => file.unfinished_bytes > 0 && file.unfinished_seconds >= unfinished_seconds_min,
  );
  const [one] = waiting;
  const minutes = Math.floor(unfinished_seconds / 60);
  const which =
    one === undefined ? "" : `, such as ${approximateSize(one.unfinished_bytes)} of ${one.path}`;
  const message = `the last record of a file has waited for its end for ${minutes} min and is not shipped${which}; set flush_after if no more comes`;
  return [problem("record_unfinished", name, message)];
}

/** A chain may set any index. */
const refused_named_max = 5;

function outputWarnings(output: OutputReport, at: string): Warning[] {
  const { name, state, hec } = output;
  const warnings: Warning[] = [];
  const outage = outageOf(output, at);
  const waits = (hec?.refused_indexes ?? []).map(refusedSentence).slice(0, refused_named_max);
  const detail = waits.length === 0 ? "" : `: ${waits.join(", ")}`;
  if (outage !== undefined) warnings.push(problem("output_not_sending", name, outage + detail));
  for (const endpoint of hec?.endpoints ?? []) {
    const subject = `${name} ${endpoint.url}`;
    const trouble = state === "sending" ? outageOf(endpoint, at) : undefined;
    if (trouble !== undefined) warnings.push(problem("endpoint_not_sending", subject, trouble));
    const { clock_ahead_seconds: ahead = 0 } = endpoint;
    if (Math.abs(ahead) > clock_ahead_seconds_max) {
      const which = ahead > 0 ? "ahead of" : "behind";
      const seconds = Math.round(Math.abs(ahead));
      const message = `the server's clock is ${seconds} s ${which} this machine's`;
      warnings.push(problem("clock_skew", subject, message));
    }
  }
  return warnings;
}

function storageWarnings({ disk, quarantine, books }: Status): Warning[] {
  const warnings: Warning[] = [];
  const { free_bytes, size_bytes, write_failing } = disk;
  if (write_failing) {
    const message = "the state file cannot be written: reading stops until it can";
    warnings.push(problem("state_unwritable", undefined, message));
  }
  if (free_bytes === undefined || size_bytes === undefined) {
    const message = "the file system of state_dir does not answer";
    warnings.push(problem("disk_unknown", undefined, message));
  } else if (free_bytes < Math.min(free_bytes_min, size_bytes * free_part_min)) {
    const message = `the disk of state_dir has ${approximateSize(free_bytes)} left`;
    warnings.push(problem("disk_nearly_full", undefined, message));
  }
  const { bytes = 0, bytes_max } = quarantine;
  if (bytes > 0) {
    const held = `${approximateSize(bytes)} of ${approximateSize(bytes_max)}`;
    const nearly_full = bytes > bytes_max * full_part;
    const code = nearly_full ? "quarantine_nearly_full" : "quarantine_not_empty";
    const state = nearly_full ? "is nearly full" : "is not empty";
    const message = `the quarantine ${state}: ${held}; \`tallyman quarantine list\` shows why`;
    warnings.push(problem(code, undefined, message));
  }
  if (!books.balanced) warnings.push(problem("unbalanced", undefined, "the books do not balance"));
  return warnings;
}

function reloadWarnings({ config: { last_reload }, at }: Status): Warning[] {
  if (last_reload?.result !== "refused") return [];
  const message = `the last reload was refused${sinceWhen(last_reload.at, at, "at")}: ${last_reload.reason}`;
  return [problem("reload_refused", undefined, message)];
}

/** What waits for an index that Splunk refuses. */
export function refusedSentence({ index, events }: RefusedIndexStatus): string {
  return `${events === 1 ? "1 event waits" : `${events} events wait`} for ${indexName(index)}`;
}

/** Why nothing is sent, and since when; undefined where it is, or was a moment ago. */
function outageOf({ state, reason, since }: SendingStatus, at: string): string | undefined {
  if (state === "sending") return undefined;
  const seconds = since === undefined ? Infinity : (Date.parse(at) - Date.parse(since)) / 1000;
  // Below nothing, the clock was put back: then nobody knows how short it was.
  const is_short = seconds >= 0 && seconds < retrying_seconds_min;
  if (state === "retrying" && is_short) return undefined;
  const what = state === "paused" ? "the token is rejected" : state;
  return `${what}${reason === undefined ? "" : ` (${reason})`}${sinceWhen(since, at)}`;
}

/** The time of day, with the date where that is another one. */
function sinceWhen(since: string | undefined, at: string, word = "since"): string {
  if (since === undefined) return "";
  const is_today = since.slice(0, 10) === at.slice(0, 10);
  return ` ${word} ${is_today ? "" : `${since.slice(0, 10)} `}${since.slice(11, 16)} UTC`;
}
