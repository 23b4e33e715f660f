/**
 * What can be wrong with what answers: the collector, its token, its indexes and its clock.
 */
import { failed, warning } from "./cause-entry.ts";

const token_remedy =
  "Put the collector token's value from Splunk (Settings, Data inputs, HTTP Event Collector) into `output.token`.";
const not_splunk_remedy =
  "Check host, port and path in `output.url`: the collector's port is 8088 (not 8000 or 8089), and a proxy may want a path.";
const busy_remedy =
  "Wait, and look at Splunk's indexing queues if it lasts; tallyman keeps everything and sends it later.";

export const collector_causes = {
  not_found: failed(
    "What answers knows no collector at this path; a Splunk that restarts says so, too.",
    not_splunk_remedy,
  ),
  redirect: failed(
    "What answers sends tallyman elsewhere; redirects are never followed, as they would carry the token along.",
    "Put the collector's own address into `output.url`, not one that redirects; Splunk Web (8000) is not it.",
  ),
  unexpected_answer: failed(
    "What answers is not Splunk: a login page, a captive portal or a proxy.",
    not_splunk_remedy,
  ),
  refused: failed("What answers refuses the request.", not_splunk_remedy),
  bad_request: failed("What answers does not understand the request.", not_splunk_remedy),
  server_error: failed(
    "What answers has trouble of its own; a proxy says so where Splunk is down behind it.",
    "Look at the log of Splunk, and of what is in front of it.",
  ),
  internal_server_error: failed("Splunk has trouble of its own.", "Look at splunkd.log."),
  health_hidden: warning(
    "The collector's health cannot be asked for, which only matters where the next checks fail, too.",
    "Have the proxy in front of Splunk let /services/collector/health through, if there is one.",
  ),
  queues_full: failed("Splunk takes nothing: its queues are full.", busy_remedy),
  server_busy: failed("Splunk takes nothing: it is busy.", busy_remedy),
  queue_at_capacity: failed("Splunk takes nothing: its queue is full.", busy_remedy),
  too_many_requests: failed(
    "Splunk, or what is in front of it, asks for fewer requests.",
    busy_remedy,
  ),
  shutting_down: failed(
    "Splunk is shutting down.",
    "Wait until it is back; tallyman keeps everything and sends it then.",
  ),
  ack_unavailable: failed(
    "Splunk's acknowledgement service does not work.",
    "Look at the ack service of that Splunk; events are taken, but cannot be acknowledged.",
  ),
  filling_up: warning("Splunk takes events, and its queues are filling up.", busy_remedy),
  invalid_token: failed("Splunk does not know the token.", token_remedy),
  token_disabled: failed(
    "The token is disabled in Splunk.",
    "Enable it in Splunk: Settings, Data inputs, HTTP Event Collector.",
  ),
  token_required: failed(
    "The request reached Splunk without a token.",
    "Check `output.token`, and that no proxy on the way takes the Authorization header away.",
  ),
  invalid_authorization: failed(
    "Splunk does not understand the Authorization header.",
    "Check that no proxy on the way changes the Authorization header.",
  ),
  unauthorized: failed(
    "Something in front of Splunk wants other credentials.",
    "Check whether `output.url` leads to the collector itself, and what the proxy in front of it asks for.",
  ),
  forbidden: failed(
    "Something in front of Splunk forbids the request.",
    "Check the allow lists of Splunk Cloud or of the proxy: this machine's address may be missing.",
  ),
  channel_missing: failed(
    "The request reached Splunk without a channel, which tallyman always sends.",
    "Check that no proxy on the way takes the X-Splunk-Request-Channel header away.",
  ),
  ack_slow: warning(
    "Splunk has taken the test event, and has not acknowledged it in time.",
    "Look at Splunk's indexing queues; tallyman waits for `ack_timeout` before it sends anything again. Behind a balancer, sessions have to be sticky.",
  ),
  ack_disabled: failed(
    "The token has indexer acknowledgement switched off, and tallyman is set to wait for it.",
    "Switch it on for the token in Splunk, or take `output.ack: on` out.",
  ),
  incorrect_index: failed(
    "The index does not exist, or the token may not write to it.",
    "Create the index in Splunk and allow it for the token, or correct `metadata.index` of the inputs or `lifecycle.index`.",
  ),
  too_large: failed(
    "A single small event is too large for what answers.",
    "Raise the limit of the proxy in front of Splunk.",
  ),
  compression_refused: failed(
    "What answers does not take compressed requests.",
    "Set `output.compression: none`, or have the proxy in front of Splunk let gzip through.",
  ),
  event_refused: failed(
    "Splunk does not take the test event.",
    "See Splunk's words in the message, and `metadata` of the inputs.",
  ),
  clock_skew: warning(
    "The clocks of this machine and of the server differ.",
    "Synchronise both (chrony, systemd-timesyncd): events are searched by time, and certificates checked by it.",
  ),
} as const;
