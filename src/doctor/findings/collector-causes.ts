/**
 * What can be wrong with what answers: the collector, its token, its indexes and its clock.
 */
import { failed, warning } from "./cause-entry.ts";

const token_remedy =
  "Copy the HEC token's value from Splunk (Settings, Data inputs, HTTP Event Collector) into `output.token`.";
const not_splunk_remedy =
  "Check host, port and path in `output.url`: the collector's port is 8088 (not 8000 or 8089), and a proxy may require a path.";
const busy_remedy =
  "Wait; if it lasts, check Splunk's indexing queues. tallyman keeps everything and sends it later.";

export const collector_causes = {
  not_found: failed(
    "The server has no HTTP Event Collector at this path; a restarting Splunk answers like this, too.",
    not_splunk_remedy,
  ),
  redirect: failed(
    "The server redirects; redirects are never followed, because the token would go with them.",
    "Write the collector's own address in `output.url`, not one that redirects; Splunk Web (8000) is not the collector.",
  ),
  unexpected_answer: failed(
    "The answer is not from Splunk: a login page, a captive portal or a proxy.",
    not_splunk_remedy,
  ),
  refused: failed("The server refuses the request.", not_splunk_remedy),
  bad_request: failed("The server does not understand the request.", not_splunk_remedy),
  server_error: failed(
    "The server reports an error; a proxy does so while Splunk behind it is down.",
    "Check the log of Splunk, and of any proxy or load balancer in front of it.",
  ),
  internal_server_error: failed("Splunk reports an internal error.", "Check splunkd.log."),
  health_hidden: warning(
    "The collector's health endpoint cannot be reached. This matters only if the next checks fail, too.",
    "If there is a proxy in front of Splunk, allow /services/collector/health there.",
  ),
  queues_full: failed("Splunk accepts no events: its queues are full.", busy_remedy),
  server_busy: failed("Splunk accepts no events: it is busy.", busy_remedy),
  queue_at_capacity: failed("Splunk accepts no events: its queue is full.", busy_remedy),
  too_many_requests: failed(
    "Splunk, or a proxy in front of it, limits the rate of requests.",
    busy_remedy,
  ),
  shutting_down: failed(
    "Splunk is shutting down.",
    "Wait until it is back; tallyman keeps everything and sends it then.",
  ),
  ack_unavailable: failed(
    "Splunk's acknowledgement service does not work.",
    "Check the acknowledgement service of that Splunk; events are accepted, but cannot be acknowledged.",
  ),
  filling_up: warning("Splunk accepts events, but its queues are filling up.", busy_remedy),
  invalid_token: failed("Splunk does not know the token.", token_remedy),
  token_disabled: failed(
    "The token is disabled in Splunk.",
    "Enable it in Splunk: Settings, Data inputs, HTTP Event Collector.",
  ),
  token_required: failed(
    "The request reached Splunk without a token.",
    "Check `output.token`, and that no proxy on the way removes the Authorization header.",
  ),
  invalid_authorization: failed(
    "Splunk does not understand the Authorization header.",
    "Check that no proxy on the way changes the Authorization header.",
  ),
  unauthorized: failed(
    "A proxy in front of Splunk requires other credentials.",
    "Check whether `output.url` leads to the collector itself, and which credentials the proxy in front of it requires.",
  ),
  forbidden: failed(
    "A proxy or allow list in front of Splunk forbids the request.",
    "Check the allow lists of Splunk Cloud or of the proxy: this machine's address may be missing.",
  ),
  channel_missing: failed(
    "The request reached Splunk without a channel, which tallyman always sends.",
    "Check that no proxy on the way removes the X-Splunk-Request-Channel header.",
  ),
  ack_slow: warning(
    "Splunk accepted the test event, but did not acknowledge it in time.",
    "Check Splunk's indexing queues; tallyman waits for `ack_timeout` before it sends anything again. A load balancer in front of Splunk needs sticky sessions.",
  ),
  ack_disabled: failed(
    "The token has indexer acknowledgement disabled, but tallyman is configured to wait for it.",
    "Enable it for the token in Splunk, or remove `output.ack: on`.",
  ),
  incorrect_index: failed(
    "The index does not exist, or the token may not write to it.",
    "Create the index in Splunk and allow it for the token, or correct `metadata.index` of the inputs or `lifecycle.index`.",
  ),
  too_large: failed(
    "The server refuses even a single small event as too large.",
    "Raise the limit of the proxy in front of Splunk.",
  ),
  compression_refused: failed(
    "The server does not accept compressed requests.",
    "Set `output.compression: none`, or allow gzip on the proxy in front of Splunk.",
  ),
  event_refused: failed(
    "Splunk does not accept the test event.",
    "See Splunk's answer in the message, and `metadata` of the inputs.",
  ),
  clock_skew: warning(
    "The clocks of this machine and of the server differ.",
    "Synchronise both (chrony, systemd-timesyncd): searches and certificate checks depend on the time.",
  ),
} as const;
