/** The log codes of a fleet: of what is published to NATS, and of what is read from there. */
import type { LogCodeTable } from "./log-code.ts";

export const nats_codes = {
  nats_unreachable: {
    level: "error",
    meaning:
      "No NATS server can be reached, or none lets tallyman in. It is tried again every second.",
    remedy: "See `error`; check that the servers run, their names, TLS, and the credentials.",
  },
  nats_reached: {
    level: "info",
    meaning: "A NATS server is reached again.",
  },
  nats_server_left: {
    level: "warn",
    meaning:
      "A NATS server that is connected has answered nothing for 20 seconds or more. Another one is tried.",
    remedy:
      "Look at that server: its routes to the others, its disk, its load. Where all are left in turn, the stream is not there, or has no leader.",
  },
  nats_refused: {
    level: "error",
    meaning: "A NATS server refuses a subject or a request.",
    remedy: "Compare the user's permissions with what `tallyman fleet setup --permissions` prints.",
  },
  nats_not_taken: {
    level: "error",
    meaning:
      "The stream accepts no batches: it is full, does not exist, or has no leader. Batches are kept.",
    remedy:
      "See `reason`. `stream_full`: look whether aggregators run and Splunk takes events. `no_stream`: run `tallyman fleet " +
      "setup`; without a majority of the servers there is none either.",
  },
  nats_taken: {
    level: "info",
    meaning: "The stream accepts batches again.",
  },
  nats_stream_lost: {
    level: "error",
    meaning:
      "The stream has lost batches that it had acknowledged. Those without a receipt are published again; nothing is lost with " +
      "`confirm: delivery`.",
    remedy:
      "Find out what happened to the storage of the servers; `tallyman doctor` names settings that can lose events.",
  },
  nats_receipt_refused: {
    level: "error",
    meaning: "A receipt does not match the batch that it names. It is ignored.",
    remedy: "Find out who may publish receipts: only aggregators should.",
  },
  nats_batch_returned: {
    level: "error",
    meaning:
      "An aggregator refuses a batch of this agent. Nothing is lost: its events are kept and published again after a minute, then " +
      "at growing intervals, up to ten minutes. The checkpoint of its stream waits for them.",
    remedy:
      "See `reason`, `lane` and `source`. An unknown format: upgrade the aggregators. Anything else: look for what changes " +
      "messages on their way, such as a gateway or a mapping of subjects.",
  },
  nats_stored_batch_refused: {
    level: "error",
    meaning:
      "An aggregator has refused a batch that counts as delivered, since `confirm` is `stream`. Its events may be lost.",
    remedy:
      "See `reason`; `tallyman fleet books` says how many events are missing. With `confirm: delivery` the agent keeps them.",
  },
  nats_event_too_large: {
    level: "error",
    meaning: "An event does not fit into a NATS message, even compressed. It is in quarantine.",
    remedy: "Lower `max_event_bytes` of the input, or raise `max_payload` of the servers.",
  },
  nats_batches_whole: {
    level: "info",
    meaning:
      "The aggregator passes large batches on to Splunk without unpacking them, and checks some of them event " +
      "by event.",
  },
  nats_batches_unpacked: {
    level: "info",
    meaning:
      "The aggregator unpacks all batches and parses every event, which costs several times as much CPU time; " +
      "`reason` says why.",
  },
  nats_batch_refused: {
    level: "error",
    meaning:
      "A message in the stream is not a valid batch. It is removed from the stream, and gets no receipt. The agent that its subject " +
      "names gets a message, and logs `nats_batch_returned`.",
    remedy: "See `reason`. Find out who publishes there: a faulty or forged batch names an agent.",
  },
  nats_agent_shared: {
    level: "error",
    meaning:
      "Two agents of one name publish at the same time, as on a host that was copied: `hosts`. Logged once a minute.",
    remedy:
      "Give each its own `agent` and `state_dir`. With copies of one `state_dir`, their numbers can be the same, and events of one pass " +
      "for repeats of the other's.",
  },
  nats_not_read: {
    level: "error",
    meaning: "The stream or its consumer cannot be read. It is tried again every second.",
    remedy: "See `error`; run `tallyman fleet setup`, and check the aggregator's permissions.",
  },
  nats_read: {
    level: "info",
    meaning: "The stream is read again.",
  },
  nats_not_acknowledged: {
    level: "warn",
    meaning:
      "The stream did not accept the acknowledgement of a delivered batch. The batch may come again, and is " +
      "then recognised.",
    remedy: "None, if it is rare. Else look whether the cluster has a leader.",
  },
  fleet_configuration_taken: {
    level: "info",
    meaning:
      "A configuration of the fleet is in force: its signature, serial and content are valid.",
  },
  fleet_configuration_refused: {
    level: "error",
    meaning:
      "A configuration of the fleet is refused; the one in force stays. Logged once a minute for each reason.",
    remedy:
      "See `reason` and `detail`. `invalid`: this host cannot use it; push another one, or correct the host. `not_signed`, " +
      "`unknown_key`, `wrong_signature`, `old_serial`, `other_group`, `malformed`, `too_large`: somebody may have written to " +
      "the bucket who should not; find out who may. `state_unusable`: state_dir cannot be written or read.",
  },
  fleet_configuration_unkept: {
    level: "error",
    meaning:
      "The fleet's configuration is in force, but could not be written to state_dir. It is tried again.",
    remedy: "See `error`; make room on the disk, or correct the rights.",
  },
  fleet_holding: {
    level: "error",
    meaning:
      "The configuration that the agent took from its fleet cannot be used at this start, or is of a group that it was in " +
      "before. The agent reads nothing, and waits for one that works.",
    remedy:
      "See `error`. Push a configuration that fits this host to its group, or correct the host and reload.",
  },
  fleet_name_shared: {
    level: "error",
    meaning:
      "Another agent of the fleet has the same name, as on a host that was copied: `other_host`, where it is known. " +
      "`tallyman fleet status` shows only one of them. Logged once a minute.",
    remedy:
      "Give each its own `agent` in the configuration. A copied host needs a new `state_dir`, too: else its numbers can be taken for " +
      "those of the other, and its events for repeats.",
  },
  fleet_unanswered: {
    level: "warn",
    meaning:
      "The fleet's bucket of configurations cannot be read. The configuration in force stays; it is tried again.",
    remedy:
      "See `error`; run `tallyman fleet setup`, and compare permissions with `tallyman fleet setup --permissions`.",
  },
} as const satisfies LogCodeTable;
