/**
 * All that `tallyman doctor` can find wrong, and what to do about it. docs/troubleshooting.md is printed from it.
 *
 * A cause is stable: scripts may match on it. What Splunk answers has the same words here as in tallyman's log.
 */

export interface CauseFacts {
  /** A failure makes `doctor` fail: events do not arrive, or tallyman does not start. */
  readonly verdict: "failed" | "warning";
  /** Ends "…: what is wrong". */
  readonly meaning: string;
  readonly remedy: string;
}

const failed = (meaning: string, remedy: string): CauseFacts => ({
  verdict: "failed",
  meaning,
  remedy,
});
const warning = (meaning: string, remedy: string): CauseFacts => ({
  verdict: "warning",
  meaning,
  remedy,
});

const configuration_causes = {
  config_unreadable: failed(
    "The configuration file cannot be read.",
    "Check the path given with -c, and the owner and mode of the file.",
  ),
  config_invalid: failed(
    "The configuration has mistakes, or names a secret that is not there.",
    "Correct the line named; `tallyman check -c FILE` explains what the configuration means.",
  ),
  config_doubtful: warning(
    "Something in the configuration is likely not meant so.",
    "See the line named; `tallyman check -c FILE` explains what the configuration means.",
  ),
  plugin_refused: failed(
    "A plugin file cannot be used.",
    "Correct the file named, or take it out of `plugins_dir`.",
  ),
  runs_as_root: warning(
    "The checks run as root, who may read and write everything; what another user may is not seen.",
    "Name the user that tallyman runs as: `tallyman doctor -c FILE --user NAME`.",
  ),
  check_hangs: failed(
    "The system does not answer in time, as with a network file system whose server is away.",
    "See whether `ls` on the path hangs too, and mend or unmount its file system.",
  ),
} as const;

const input_causes = {
  directory_missing: warning(
    "A directory in which files are to be followed does not exist.",
    "Correct `paths`, or create it; tallyman waits for it, and follows the files once they are there.",
  ),
  directory_closed: failed(
    "A directory may not be searched or listed by this user.",
    "Give tallyman's user the right to read and to search it.",
  ),
  file_unreadable: failed(
    "A file may not be read by this user.",
    "Give tallyman's user the right to read it, and have log rotation create it so.",
  ),
  no_file_matches: warning(
    "A glob matches no file now.",
    "Correct `paths` if files should be there; those that appear later are followed.",
  ),
  files_excluded: warning(
    "All files that a glob matches are taken out by `exclude`.",
    "Correct `exclude` or `paths` of this input.",
  ),
  file_shared: warning(
    "A file belongs to two inputs, so that its events are sent twice.",
    "Narrow `paths` of one input, or name the file in its `exclude`.",
  ),
  address_in_use: failed(
    "Another process listens at the address of an input.",
    "Stop the other process, or change `listen` of this input.",
  ),
  port_privileged: failed(
    "A port below 1024 may not be listened at by this user.",
    "Choose a port from 1024 on in `listen`, or have systemd open it (a socket unit).",
  ),
  address_not_here: failed(
    "The address that an input is to listen at is none of this machine.",
    "Correct `listen`; `ip address` shows the addresses, and `:PORT` means all of them.",
  ),
  listen_refused: failed(
    "The system does not let an input listen at its address.",
    "See the reason given, and correct `listen`.",
  ),
  socket_directory_missing: failed(
    "The directory of a UNIX socket does not exist.",
    "Create it; below /run that is for the service manager (`RuntimeDirectory=` in systemd).",
  ),
  socket_directory_closed: failed(
    "The directory of a UNIX socket may not be written by this user.",
    "Give tallyman's user the right to write to it, or choose another `path`.",
  ),
  socket_path_taken: failed(
    "Something else than a socket is at the path of a UNIX socket.",
    "Remove it, or choose another path for this input.",
  ),
  socket_in_use: failed(
    "Another process listens on the UNIX socket of an input.",
    "Stop the other process, or give this input another path. A socket that systemd is to hand over is fine.",
  ),
  account_unknown: failed(
    "The owner or group of a UNIX socket is in neither /etc/passwd nor /etc/group.",
    "Correct `owner` or `group` of this input, or give the number in quotes.",
  ),
  receiver_certificate: failed(
    "The certificate or key that an input is to show cannot be used.",
    "Correct `tls.cert` and `tls.key` of this input: PEM files that belong together and may be read.",
  ),
  receiver_certificate_expired: failed(
    "The certificate that an input shows to its senders has expired.",
    "Renew the file of `tls.cert` of this input, and restart tallyman.",
  ),
  receiver_certificate_expires_soon: warning(
    "The certificate that an input shows to its senders expires soon.",
    "Renew the file of `tls.cert` of this input, and restart tallyman.",
  ),
} as const;

const state_causes = {
  state_dir_unusable: failed(
    "The state directory does not exist and cannot be created, or is no directory.",
    "Create it for tallyman's user with mode 0700 (`StateDirectory=` in systemd), or correct `state_dir`.",
  ),
  state_dir_unwritable: failed(
    "The state directory may not be written by this user, or its disk cannot be.",
    "Let `state_dir` belong to tallyman's user, on a disk that can be written.",
  ),
  state_of_another_user: failed(
    "A file in the state directory may not be read and written by this user.",
    "Give all of `state_dir` to tallyman's user: `chown -R USER: DIRECTORY`.",
  ),
  state_unreadable: failed(
    "The state file cannot be understood, so no position is known.",
    "Restore the file or move it away; without it every file is treated as never seen before.",
  ),
  state_dir_open: warning(
    "Other users may read the state directory, in which events can stand.",
    "Take the right away: `chmod 0700 DIRECTORY`.",
  ),
  disk_full: failed(
    "The disk of the state directory is full, or keeps its last bytes for the state file.",
    "Make room on the disk of `state_dir`.",
  ),
  disk_too_small: warning(
    "The journals may grow beyond the room that is left on the disk.",
    "Make room, or lower `journal.max_bytes`: a journal that cannot grow makes its senders wait.",
  ),
} as const;

const network_causes = {
  name_unknown: failed(
    "The name of the host does not exist.",
    "Correct the host in `output.url`, or the name server's data; `getent hosts NAME` asks the same way.",
  ),
  name_resolution: failed(
    "The name server does not answer, or answers with an error.",
    "Check the name servers of this machine (/etc/resolv.conf) and the way to them.",
  ),
  connection_refused: failed(
    "Nothing listens on that port of the host.",
    "Check the port in `output.url` (Splunk's is 8088, Splunk Cloud's 443), and that the HTTP Event Collector is enabled in Splunk's global settings.",
  ),
  timeout: failed(
    "No answer came in time.",
    "Check the way to Splunk: a firewall that swallows packets looks like this. A slow Splunk needs a longer `output.timeout`.",
  ),
  unreachable: failed(
    "There is no route to the host.",
    "Check this machine's network, and the address that the host's name has.",
  ),
  address_silent: warning(
    "Some addresses of the host's name take no connection.",
    "Take the dead addresses out of the name, or bring them back: connecting takes longer with them.",
  ),
  connection_reset: failed(
    "The connection was closed without an answer.",
    "Check what is between here and Splunk, and that `output.url` has the right scheme and port.",
  ),
  broken_answer: failed(
    "What answers is no HTTP server, or its answer was cut short.",
    "Check the port in `output.url`, and proxies on the way.",
  ),
  network: failed(
    "The network failed in another way.",
    "See the words of the system in the message.",
  ),
} as const;

const tls_causes = {
  tls_expired: failed(
    "A certificate of the server has expired.",
    "Renew the certificate on the server. Check this machine's clock if it should be valid.",
  ),
  tls_not_yet_valid: failed(
    "A certificate of the server is not valid yet.",
    "Check the clocks of this machine and of whoever made the certificate.",
  ),
  tls_expires_soon: warning(
    "A certificate of the server expires soon.",
    "Renew the certificate on the server; once it has expired nothing can be sent.",
  ),
  tls_unknown_authority: failed(
    "The server's certificate comes from an authority that is not trusted here.",
    "Put the authority's certificate into a PEM file, and name it in `output.tls.ca_file`.",
  ),
  tls_self_signed: failed(
    "The server's certificate is signed by itself, as Splunk's default one may be.",
    "Have Splunk use a certificate of your authority, or name the file of this certificate in `output.tls.ca_file`.",
  ),
  tls_intermediate_missing: failed(
    "The server does not send the certificate of the authority between its own and a trusted one.",
    "Have the server send its whole chain (in Splunk: all of it in the file of `serverCert`), or put the missing certificate into the file of `output.tls.ca_file`.",
  ),
  tls_wrong_name: failed(
    "The server's certificate is for other names than the host's.",
    "Use a name of the certificate in `output.url`, or name it in `output.tls.server_name`.",
  ),
  tls_too_old: failed(
    "The server and tallyman have no version of TLS in common.",
    "Enable TLS 1.2 or newer on the server (Splunk's `sslVersions`); `output.tls.min_version` may ask for too much.",
  ),
  tls_client_certificate: failed(
    "The server wants a client certificate, or refuses the one that it got.",
    "Name one that the server accepts in `output.tls.cert_file` and `output.tls.key_file`.",
  ),
  tls_not_spoken: failed(
    "The server does not speak TLS on this port.",
    "Write http:// in `output.url` if that is meant, or enable SSL in the collector's global settings.",
  ),
  tls_expected: failed(
    "The server speaks TLS on this port.",
    "Write https:// in `output.url`.",
  ),
  tls: failed(
    "The TLS handshake failed in another way.",
    "See the words of the TLS library in the message.",
  ),
} as const;

const token_remedy =
  "Put the collector token's value from Splunk (Settings, Data inputs, HTTP Event Collector) into `output.token`.";
const not_splunk_remedy =
  "Check host, port and path in `output.url`: the collector's port is 8088 (not 8000 or 8089), and a proxy may want a path.";
const busy_remedy =
  "Wait, and look at Splunk's indexing queues if it lasts; tallyman keeps everything and sends it later.";

const collector_causes = {
  not_found: failed("What answers has no collector at this path.", not_splunk_remedy),
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
  too_many_requests: failed("Splunk, or what is in front of it, asks for fewer requests.", busy_remedy),
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
    "Splunk has got no token.",
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
    "The token has indexer acknowledgement switched on, and tallyman is set not to use it.",
    "Switch indexer acknowledgement off for the token in Splunk, or use a token without it.",
  ),
  ack_disabled: failed(
    "The token has indexer acknowledgement switched off, and tallyman is set to wait for it.",
    "Switch it on for the token in Splunk, or take `ack: on` out of the output.",
  ),
  incorrect_index: failed(
    "The index does not exist, or the token may not write to it.",
    "Create the index in Splunk and allow it for the token, or correct `metadata.index` of the inputs.",
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

export const causes = {
  ...configuration_causes,
  ...input_causes,
  ...state_causes,
  ...network_causes,
  ...tls_causes,
  ...collector_causes,
} as const satisfies Record<string, CauseFacts>;

export type Cause = keyof typeof causes;

export function isCause(word: string): word is Cause {
  return Object.hasOwn(causes, word);
}
