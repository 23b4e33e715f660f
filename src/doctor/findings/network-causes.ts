/**
 * What can be wrong on the way to Splunk: name, connection, proxy and TLS.
 */
import { failed, warning } from "./cause-entry.ts";

export const network_causes = {
  name_unknown: failed(
    "The host name does not exist.",
    "Correct the host in `output.url`, or the DNS entry; `getent hosts NAME` looks it up the same way.",
  ),
  name_resolution: failed(
    "The name server does not answer, or answers with an error.",
    "Check this machine's name servers (/etc/resolv.conf) and the network path to them.",
  ),
  connection_refused: failed(
    "Nothing listens on that port of the host.",
    "Check the port in `output.url` (Splunk's is 8088, Splunk Cloud's 443), and that the HTTP Event Collector is enabled in Splunk's global settings.",
  ),
  timeout: failed(
    "No answer came in time.",
    "Check the network path to Splunk: a firewall that drops packets looks like this. A slow Splunk needs a longer `output.timeout`.",
  ),
  unreachable: failed(
    "There is no route to the host.",
    "Check this machine's network, and the address that the host name resolves to.",
  ),
  address_silent: warning(
    "Some addresses of the host name accept no connection.",
    "Remove the dead addresses from DNS, or bring them back: they slow down connecting.",
  ),
  connection_reset: failed(
    "The connection was closed without an answer.",
    "Check what is between here and Splunk, and that `output.url` has the right scheme and port.",
  ),
  broken_answer: failed(
    "The server is not an HTTP server, or its answer was cut short.",
    "Check the port in `output.url`, and proxies on the way.",
  ),
  network: failed("The network failed in another way.", "See the system's error in the message."),
} as const;

export const proxy_causes = {
  proxy_unreachable: failed(
    "Cannot connect to the proxy.",
    "Correct `output.proxy` (or HTTPS_PROXY in the environment), or `output.proxy: none` for no proxy.",
  ),
  proxy_authentication: failed(
    "The proxy requires a user and a password, or rejects the ones it got.",
    "Set them in `output.proxy`: `http://user:password@host:port`, from ${env:…} or ${file:…}.",
  ),
  proxy_refused: failed(
    "The proxy refuses to connect to Splunk.",
    "Allow CONNECT to Splunk's host and port on the proxy, or name the host in `output.no_proxy`.",
  ),
  proxy_tls: failed(
    "The TLS handshake with the proxy itself failed.",
    "Check http:// or https:// in `output.proxy`; this machine has to trust the proxy's certificate.",
  ),
  proxy_error: failed(
    "The proxy cannot reach Splunk, or is not a proxy.",
    "Check host and port of `output.proxy` and `output.url`, and the proxy's log.",
  ),
} as const;

export const tls_causes = {
  tls_expired: failed(
    "A certificate of the server has expired.",
    "Renew the certificate on the server. If it should still be valid, check this machine's clock.",
  ),
  tls_not_yet_valid: failed(
    "A certificate of the server is not valid yet.",
    "Check the clock of this machine, and of the machine that issued the certificate.",
  ),
  tls_expires_soon: warning(
    "A certificate of the server expires soon.",
    "Renew the certificate on the server; once it expires, nothing can be sent.",
  ),
  tls_unknown_authority: failed(
    "The server's certificate is from an authority that this machine does not trust.",
    "Put the authority's certificate into a PEM file, and name it in `output.tls.ca_file`.",
  ),
  tls_self_signed: failed(
    "The server's certificate is self-signed, as Splunk's default one may be.",
    "Have Splunk use a certificate of your authority, or name the file of this certificate in `output.tls.ca_file`.",
  ),
  tls_intermediate_missing: failed(
    "The server does not send the intermediate certificate between its own and a trusted authority.",
    "Configure the server to send its whole chain (in Splunk: put all of it in the `serverCert` file), or add the missing certificate to the file of `output.tls.ca_file`.",
  ),
  tls_wrong_name: failed(
    "The server's certificate is not for this host name.",
    "Use a name of the certificate in `output.url`, or set it as `output.tls.server_name`.",
  ),
  tls_too_old: failed(
    "The server and tallyman have no version of TLS in common.",
    "Enable TLS 1.2 or newer on the server (Splunk's `sslVersions`); `output.tls.min_version` may ask for too much.",
  ),
  tls_client_certificate: failed(
    "The server requires a client certificate, or rejects the one it got.",
    "Set one that the server accepts in `output.tls.cert_file` and `output.tls.key_file`.",
  ),
  tls_broken_off: failed(
    "The server aborts the handshake: it requires a client certificate, or has no cipher in common with tallyman.",
    "If it requires one, set it in `output.tls.cert_file` and `output.tls.key_file`; otherwise check its ciphers (Splunk's `cipherSuite`).",
  ),
  tls_not_spoken: failed(
    "The server does not speak TLS on this port.",
    "Write http:// in `output.url` if that is intended, or enable SSL in the collector's global settings.",
  ),
  tls_expected: failed("The server speaks TLS on this port.", "Write https:// in `output.url`."),
  tls_unverified: warning(
    "`tls.verify: false`: whoever answers gets the token and all events.",
    "Set the server's authority in `output.tls.ca_file`, and remove `verify: false`.",
  ),
  tls_files: failed(
    "A file named in the TLS options cannot be used.",
    "Correct `ca_file`, `cert_file` and `key_file` in `output.tls`.",
  ),
  tls: failed(
    "The TLS handshake failed in another way.",
    "See the TLS library's error in the message.",
  ),
} as const;

export const nats_causes = {
  nats_unreachable: failed(
    "No NATS server can be reached, or none lets tallyman in.",
    "Check the servers, their names, TLS and the credentials; tallyman keeps everything meanwhile.",
  ),
  nats_server_unreachable: warning(
    "One of the NATS servers cannot be reached.",
    "Start it again. A cluster of three works with two servers, and stops with one.",
  ),
  nats_stream_unseen: warning(
    "The stream's settings cannot be checked: users of agents and aggregators lack the permission.",
    "Run `tallyman fleet setup` with a user that has it (see --permissions).",
  ),
  nats_no_stream: failed(
    "The stream, or its consumer, does not exist.",
    "Create it with `tallyman fleet setup`.",
  ),
  nats_stream_loses: warning(
    "A setting of the stream or of its consumer can lose events.",
    "`tallyman fleet setup` corrects what can be changed. A stream with another storage or retention has to " +
      "be created again.",
  ),
  nats_no_bucket: failed(
    "A bucket of the fleet does not exist: agents get no configuration, or their reports are not stored.",
    "Create it with `tallyman fleet setup`.",
  ),
  nats_bucket_unread: failed(
    "The fleet's configuration cannot be read: the bucket has no leader, or the user lacks the permission.",
    "Compare the user's permissions with what `tallyman fleet setup --permissions` prints. The configuration in force stays meanwhile.",
  ),
  nats_name_shared: warning(
    "Another agent of the fleet has the same name, as on a host that was copied.",
    "Give each its own `agent` in the configuration, and a new `state_dir` to the one on the copied host.",
  ),
  nats_bucket_loses: warning(
    "A setting of a bucket can lose configurations or reports.",
    "`tallyman fleet setup --replicas 3` corrects what can be changed. A bucket with another storage has to " +
      "be created again.",
  ),
  nats_buckets_unseen: warning(
    "The buckets' settings cannot be checked: users of agents lack the permission.",
    "Run `tallyman doctor` or `tallyman fleet setup` with a user that has it.",
  ),
  nats_server_loses: warning(
    "This version of nats-server is known to lose messages that it has acknowledged.",
    "Use a later version. With `confirm: delivery`, agents keep all events until they are delivered.",
  ),
} as const;
