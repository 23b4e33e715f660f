/**
 * What was found in a log: the facts that the report, the JSON output and the starting configuration are made of.
 */
import { pathOfKeys } from "../../event/scan/path.ts";
import type { Field, Fields, TimeCounts } from "./fields.ts";
import type { Encoding } from "./held-texts.ts";
import { type KnownLog, knownLog } from "./known-logs.ts";

/** A field whose values look secret. */
export interface SecretField {
  readonly path: string;
  /** What found it, and in how many of its values. */
  readonly found_by: readonly { readonly detector: string; readonly values: number }[];
}

/** A field whose values look like personal data, identifiers, or random words. */
export interface OtherField {
  readonly path: string;
  /** What found it, and in what share of the values that were looked at. */
  readonly found_by: readonly { readonly detector: string; readonly share: number }[];
}

/** A field whose values are times. */
export interface TimeField {
  readonly path: string;
  /** How many of the values that were tried are times. */
  readonly share: number;
  /** Whether they name no zone, so that one has to be set. */
  readonly needs_zone: boolean;
}

export interface FieldSummary {
  readonly path: string;
  readonly values: number;
  readonly kinds: readonly string[];
}

export interface LogFindings {
  readonly files: readonly string[];
  /** Why not all of a file was read. */
  readonly notes: readonly string[];
  readonly bytes: number;
  readonly events: number;
  /** Events that are not JSON. */
  readonly texts: number;
  /** Records that the framing could make no event of. */
  readonly unreadable: number;
  /** What to write for `framing`, as YAML; undefined for lines. */
  readonly framing: string | undefined;
  readonly known: KnownLog | undefined;
  readonly fields: readonly FieldSummary[];
  /** Values that are in none of the fields, as there are too many of those. */
  readonly values_beyond: number;
  readonly times: readonly TimeField[];
  /** The time at the beginning of texts; undefined where most have none. */
  readonly head_time: Omit<TimeField, "path"> | undefined;
  readonly secrets: readonly SecretField[];
  /** What is no credential, but may have to be masked: e-mail addresses and such. */
  readonly others: readonly OtherField[];
  /** Secrets in text, by what found them. */
  readonly text_secrets: readonly { readonly detector: string; readonly values: number }[];
  /** In which encodings secrets were found. */
  readonly secret_encodings: readonly Encoding[];
  /** Private keys of which each line is an event, so that no rule knows all of them for parts of one. */
  readonly split_keys: number;
  /** What the texts are: a format of the step `parse`. */
  readonly text_format: string | undefined;
}

/** A field is a time where so many of its values are, and a known name goes before others. */
const time_share_min = 0.8;
const usual_times = ["time", "timestamp", "@timestamp", "eventTime", "requestReceivedTimestamp"];

/** In fewer of the values, it is there by chance: random digits may well have a checksum. */
const others_share_min = 0.05;

type FieldFindings = Pick<
  LogFindings,
  "known" | "fields" | "values_beyond" | "times" | "secrets" | "others"
>;

/** `header_fields` are those that the framing makes of headers. */
export function fieldFindings(fields: Fields, header_fields: Fields): FieldFindings {
  const all = [...fields.all()];
  return {
    known: knownLog(fields),
    fields: all.map(({ keys, count, kinds }) => ({
      path: pathOfKeys(keys),
      values: count,
      kinds: [...kinds],
    })),
    values_beyond: fields.beyond,
    times: timesOf(all),
    others: othersOf(all),
    secrets: [...all, ...header_fields.all()]
      .filter(({ secrets }) => secrets.size > 0)
      .map(({ keys, secrets }) => ({ path: pathOfKeys(keys), found_by: countsOf(secrets) })),
  };
}

function othersOf(fields: readonly Field[]): OtherField[] {
  return fields.flatMap(({ keys, others: { tried, found } }) => {
    const found_by = countsOf(found)
      .map(({ detector, values }) => ({ detector, share: values / tried }))
      .filter(({ share }) => share >= others_share_min);
    return found_by.length === 0 ? [] : [{ path: pathOfKeys(keys), found_by }];
  });
}

/** By how often, the most first. */
export function countsOf(
  counts: ReadonlyMap<string, number>,
): { detector: string; values: number }[] {
  return [...counts]
    .map(([detector, values]) => ({ detector, values }))
    .sort((a, b) => b.values - a.values);
}

/** The best first: usual names, then the ones nearest to the top. */
function timesOf(fields: readonly Field[]): TimeField[] {
  const times = fields.flatMap(({ keys, times: counts }) => {
    const found = timeOf(counts);
    return found === undefined ? [] : [{ ...found, path: pathOfKeys(keys), depth: keys.length }];
  });
  const rank = ({ path, depth }: (typeof times)[number]): number => {
    const usual = usual_times.indexOf(path);
    return usual >= 0 ? usual : usual_times.length + depth;
  };
  return times
    .toSorted((a, b) => rank(a) - rank(b))
    .map(({ path, share, needs_zone }) => ({ path, share, needs_zone }));
}

/** The time at the beginning of texts. */
export function headTime(counts: TimeCounts): LogFindings["head_time"] {
  return timeOf(counts);
}

function timeOf({ tried, read, without_zone }: TimeCounts): Omit<TimeField, "path"> | undefined {
  const share = (read + without_zone) / Math.max(tried, 1);
  return share < time_share_min ? undefined : { share, needs_zone: without_zone > read };
}

/** Whether the daemon finds the time at this path without being told. */
export function isUsualTime(path: string): boolean {
  return usual_times.includes(path);
}
