/** The log codes of inputs over UNIX sockets, HTTP and standard input. */
import type { LogCodeTable } from "./log-code.ts";

export const input_codes = {
  input_silent: {
    level: "warn",
    meaning:
      "No event has come into an input for longer than its `expect_every`. Logged once, until events come again. `since` is when the last one came, or when the input was started.",
    remedy: "Look at the writer of its events, and whether `paths` still names its files.",
  },
  input_heard: {
    level: "info",
    meaning: "Events come into an input again that was silent for longer than its `expect_every`.",
  },
  socket_listening: {
    level: "info",
    meaning: "A socket input listens.",
  },
  socket_clients_refused: {
    level: "warn",
    meaning: "Clients of a socket were refused, for the `cause` given. Logged once a minute.",
    remedy:
      "Raise `max_connections`, or the limit on open files (`LimitNOFILE=`), as `cause` says.",
  },
  socket_clients_unread: {
    level: "warn",
    meaning:
      "At the stop some clients were waiting to be read. Data that was not read from them is not received.",
    remedy:
      "Have clients that must lose nothing wait for the confirmation (`confirm`), or use `hec`.",
  },
  socket_framing_kept: {
    level: "info",
    meaning:
      "`framing` was changed by a reload. Clients that were connected then keep the former one until they connect again.",
  },
  socket_connections_limited: {
    level: "warn",
    meaning:
      "`max_connections` is more than the limit on open files allows. Clients beyond that limit are refused uncounted.",
    remedy: "Raise `LimitNOFILE=`, or lower `max_connections`.",
  },
  datagrams_unreadable: {
    level: "error",
    meaning:
      "A datagram socket cannot be read, for the `cause` given. Senders wait, or their datagrams are refused. It is tried " +
      "again every ten seconds.",
    remedy: "See `cause`. If it goes on, restart tallyman; what waits in the socket stays there.",
  },
  datagrams_overlong: {
    level: "warn",
    meaning:
      "Datagrams were longer than the most that can be read of one, `bytes`. They are cut, and their length is not known.",
    remedy: "Have the sender send less at a time, or over a stream socket.",
  },
  stdin_unreadable: {
    level: "error",
    meaning: "Standard input cannot be read, and counts as ended.",
    remedy: "Check what standard input is connected to, and start tallyman again.",
  },
  line_unfinished: {
    level: "warn",
    meaning:
      "The memory for lines was used up by one without an end. It is delivered as it is, and its writer disconnected.",
    remedy: "Have the writer end its lines with a newline.",
  },
  line_encoding: {
    level: "debug",
    meaning:
      "A stream that has ended was in `encoding`, and was decoded to UTF-8 before any step saw it.",
  },
  line_nul_bytes: {
    level: "debug",
    meaning: "NUL bytes before lines were skipped.",
  },
  line_members_skipped: {
    level: "info",
    meaning:
      "Members of JSON documents beside the array of records were skipped. `members` is how many in this stream.",
  },
  stream_framing_unfit: {
    level: "warn",
    meaning:
      "What comes in over a socket or standard input begins with what is no record of the input's `framing`, as in " +
      "`file_framing_unfit`. Logged once for each input.",
    remedy: "Set `framing` of the input to `fitting`, where there is one.",
  },
  events_unreadable: {
    level: "warn",
    meaning:
      "None of the first `events` of an input can be read: they are no records of its framing, or no JSON although a step " +
      "needs to read their fields. Logged once for each input.",
    remedy:
      "Look at one with `tallyman quarantine show`, and set `framing` of the input; `tallyman check` says which one fits a file.",
  },
  connection_interrupted: {
    level: "debug",
    meaning: "A connection ended with an error. What had arrived is delivered.",
  },
  input_data_lost: {
    level: "error",
    meaning:
      "Data that had arrived could not be stored before tallyman stopped. `lost_bytes` of it are lost.",
    remedy:
      "Find out why the journal did not take it: see `journal_unwritable`, and `shutdown_timeout`.",
  },
  hec_listening: {
    level: "info",
    meaning: "A `hec` input listens.",
  },
  hec_server_failed: {
    level: "error",
    meaning: "The HTTP server of a `hec` input reported an error. It goes on if it can.",
    remedy: "See `error`; for EMFILE raise the limit on open files (`LimitNOFILE=`).",
  },
  hec_token_file_unusable: {
    level: "warn",
    meaning:
      "The file of an input's token has changed and cannot be used. The previous token stays in use.",
    remedy: "Correct the file; `wrong` says what is wrong with it. It is read again by itself.",
  },
  hec_token_refused: {
    level: "warn",
    meaning:
      "A request without a valid token was answered 401 or 403. Its events were not accepted.",
    remedy: "Correct the token of the sender at `client`, or find out who sends there.",
  },
  hec_token_quoted: {
    level: "warn",
    meaning: "A sender puts its Authorization value in quotation marks. They are ignored.",
    remedy: "Remove the quotation marks from the sender's setting.",
  },
  hec_content_invalid: {
    level: "warn",
    meaning:
      "A request held content that Splunk would refuse. Its events are in quarantine, or were refused (`bad_content`).",
    remedy: "Correct the sender at `client`; `reason` says what is wrong.",
  },
  hec_count_mismatch: {
    level: "warn",
    meaning:
      "A request holds more or fewer events than its X-Minio-Webhook-Payload-Count says. All were accepted.",
    remedy: "Compare with the sender's log if events seem to be missing.",
  },
  hec_body_too_large: {
    level: "warn",
    meaning: "A request was refused: its body is larger than `max_body`, or holds too many events.",
    remedy: "Lower the batch size of the sender, or raise `max_body`.",
  },
  hec_events_not_kept: {
    level: "warn",
    meaning:
      "A request was answered 503, because its events could not be stored. The sender has to send again.",
    remedy: "See the lines about the input's journal; it is full or cannot be written.",
  },
  hec_connection_test: {
    level: "info",
    meaning: "A sender tested the connection with an empty JSON object, and got a positive answer.",
  },
} as const satisfies LogCodeTable;
