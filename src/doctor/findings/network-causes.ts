/**
 * What can be wrong on the way to Splunk: name, connection, proxy and TLS.
 */
import { failed, warning } from "./cause-entry.ts";

export const network_causes = {
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

export const proxy_causes = {
  proxy_unreachable: failed(
    "Cannot connect to the proxy.",
    "Correct `output.proxy` (or HTTPS_PROXY in the environment), or `output.proxy: none` for no proxy.",
  ),
  proxy_authentication: failed(
    "The proxy wants a user and a password, or does not take those that it gets.",
    "Write them into `output.proxy`: `http://user:password@host:port`, from ${env:…} or ${file:…}.",
  ),
  proxy_refused: failed(
    "The proxy does not let through to Splunk.",
    "Have the proxy allow CONNECT to Splunk's host and port, or name the host in `output.no_proxy`.",
  ),
  proxy_tls: failed(
    "The TLS handshake with the proxy itself failed.",
    "Check http:// or https:// in `output.proxy`; the machine has to trust the proxy's certificate.",
  ),
  proxy_error: failed(
    "The proxy does not reach Splunk, or is no proxy.",
    "Check host and port of `output.proxy` and of `output.url`, and look at the proxy's log.",
  ),
} as const;

export const tls_causes = {
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
  tls_broken_off: failed(
    "The server breaks off the handshake: it wants a client certificate, or has no cipher in common with tallyman.",
    "If it wants one, name it in `output.tls.cert_file` and `output.tls.key_file`; else look at its ciphers (Splunk's `cipherSuite`).",
  ),
  tls_not_spoken: failed(
    "The server does not speak TLS on this port.",
    "Write http:// in `output.url` if that is meant, or enable SSL in the collector's global settings.",
  ),
  tls_expected: failed("The server speaks TLS on this port.", "Write https:// in `output.url`."),
  tls_unverified: warning(
    "`tls.verify: false`: whoever answers gets the token and all events.",
    "Name the server's authority in `output.tls.ca_file`, and take `verify: false` out.",
  ),
  tls_files: failed(
    "The files that TLS options name cannot be used.",
    "Correct `ca_file`, `cert_file` and `key_file` in `output.tls`.",
  ),
  tls: failed(
    "The TLS handshake failed in another way.",
    "See the words of the TLS library in the message.",
  ),
} as const;
