/**
 * What can be wrong with the content of a request: Splunk's codes for it, and under which reason it is quarantined.
 */
import { Verdict } from "../../../event/event.ts";
import { replies, type Reply } from "../http/replies.ts";

export interface ContentFault {
  /** The answer of a receiver that refuses it. */
  readonly reply: Reply;
  readonly verdict: Verdict;
}

function faultOf(reply: Reply, reason: string, detail: string): ContentFault {
  return { reply, verdict: new Verdict("quarantined", reason, detail) };
}

const { invalid_data_format, event_required, event_blank, invalid_fields } = replies;

export const contentFaults = {
  not_json: faultOf(invalid_data_format, "not_json", "an object in JSON is expected"),
  time: faultOf(invalid_data_format, "unusable_time", "time must be epoch seconds before 2038"),
  metadata: faultOf(
    invalid_data_format,
    "unusable_metadata",
    "host, source, sourcetype and index must be texts of at most 1024 bytes",
  ),
  no_event: faultOf(event_required, "no_event_field", "the envelope has no event"),
  blank_event: faultOf(event_blank, "blank_event", "the event in the envelope is blank"),
  fields: faultOf(
    invalid_fields,
    "unusable_fields",
    "fields must be an object of texts, numbers, booleans and flat lists of those",
  ),
  behind_faults: faultOf(
    invalid_data_format,
    "behind_faults",
    "the request has too many faults before it",
  ),
  unpackable: faultOf(
    invalid_data_format,
    "broken_compression",
    "the body is not compressed as its Content-Encoding says",
  ),
} as const;
