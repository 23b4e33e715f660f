/**
 * What stands in Splunk's envelope before its event, as the agent sends and archives it: strings, and fields that are scalars or flat
 * lists. The fields come before the time, and of an event with a place behind it.
 *
 *     {"host":"h","index":"i","fields":{...},"time":T,"event":...}
 *     {"host":"h","index":"i","time":T,"fields":{...,"tally_lane":"k7q2m5xa.1","tally_block":"12","tally_i":"33"},"event":...}
 */

const one_string = String.raw`"(?:[^"\\]|\\.)*"`;
const members = `(?:[^"}]|${one_string})*`;
const envelope_head = new RegExp(
  `^(?<strings>\\{(?:"[a-z]+":${one_string},)*)(?<before>"fields":\\{${members}\\},)?` +
    `"time":(?<time>[\\d.]+)(?:,"fields":\\{(?<behind>${members})\\})?(?=,"event":)`,
);

export interface EnvelopeHead {
  /** All of it, from the opening brace on. */
  readonly text: string;
  /** The brace and the strings, each with a comma behind it. */
  readonly strings: string;
  /** The fields before the time, with a comma behind them; empty where there are none. */
  readonly before: string;
  /** Epoch seconds in digits. */
  readonly time: string;
  /** The members of the fields behind the time; undefined where there are none. */
  readonly behind: string | undefined;
}

/** `envelope` has at least all before its event; undefined where it is none. */
export function readEnvelopeHead(envelope: string): EnvelopeHead | undefined {
  const match = envelope_head.exec(envelope);
  if (match === null) return undefined;
  const { strings = "", before = "", time = "", behind } = match.groups!;
  return { text: match[0], strings, before, time, behind };
}
