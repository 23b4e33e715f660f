/** The log codes of the `splunk_hec` output, and of the network on the way to it. */
import type { LogCodeTable } from "./log-code.ts";

export const splunk_codes = {
  splunk_unavailable: {
    level: "warn",
    meaning:
      "Splunk cannot be reached, or is busy; `reason` says why. Events are kept, and sent again.",
    remedy: 'If it lasts, run `tallyman doctor`, and see the runbook "Splunk is down".',
  },
  splunk_available: {
    level: "info",
    meaning: "Splunk accepts events again after `outage_ms`.",
  },
  splunk_token_refused: {
    level: "error",
    meaning: "Splunk refuses the token. Sending is paused and resumes by itself; events are kept.",
    remedy: "Enable or correct the token in Splunk, or replace it in tallyman.",
  },
  splunk_requests_refused: {
    level: "error",
    meaning:
      "Splunk refuses the requests, and will until the cause is fixed. Events are kept, and sent again.",
    remedy: "Fix what `reason` and `detail` name, such as an index that the token may not use.",
  },
  splunk_event_refused: {
    level: "error",
    meaning: "Splunk refuses one event for its content. It is in quarantine; the others are sent.",
    remedy: "Look at it with `tallyman quarantine show`; see [quarantine.md](quarantine.md).",
  },
  splunk_ack_missing: {
    level: "error",
    meaning:
      "Splunk accepted events, and did not confirm that it indexed them. They are sent again, and may be there twice.",
    remedy:
      "Check the load of the indexers, and that the load balancer is sticky; see [delivery.md](../delivery.md).",
  },
  splunk_token_file_unusable: {
    level: "warn",
    meaning: "The token's file has changed and cannot be used. The previous token stays in use.",
    remedy: "Correct the file; `wrong` says what is wrong with it. It is read again by itself.",
  },
  tls_failed: {
    level: "error",
    meaning: "No TLS connection to Splunk is possible until the cause is fixed. Events are kept.",
    remedy: "See `detail`; `tallyman doctor` shows the certificates.",
  },
  tls_not_verified: {
    level: "error",
    meaning:
      "`tls.verify` is false. Anybody on the network path can read the token and all events.",
    remedy: "Remove it, and name the server's authority in `tls.ca_file`.",
  },
  tls_files_replaced: {
    level: "info",
    meaning: "The TLS files were replaced. New connections use them.",
  },
  tls_files_unusable: {
    level: "warn",
    meaning:
      "The TLS files were replaced by ones that cannot be used. The previous ones stay in use.",
    remedy:
      "Correct the files; `wrong` says what is wrong with them. They are read again by themselves.",
  },
  tls_passphrase_unusable: {
    level: "warn",
    meaning:
      "The passphrase's file has changed and cannot be used. The previous passphrase stays in use.",
    remedy: "Correct the file; `wrong` says what is wrong with it. It is read again by itself.",
  },
  proxy_used: {
    level: "info",
    meaning: "Requests to this endpoint go through a proxy; `set_by` says which setting names it.",
  },
  proxy_file_unusable: {
    level: "warn",
    meaning: "The proxy's file has changed and cannot be used. The previous proxy stays in use.",
    remedy: "Correct the file; `wrong` says what is wrong with it. It is read again by itself.",
  },
  proxy_unreachable: {
    level: "warn",
    meaning: "The proxy cannot be reached. Events are kept, and sent again.",
    remedy: "Check the proxy and its address; see `detail`.",
  },
  proxy_failed: {
    level: "warn",
    meaning: "The proxy cannot connect to Splunk. Events are kept, and sent again.",
    remedy: "Check that the proxy can reach Splunk; see `detail`.",
  },
  proxy_authentication_failed: {
    level: "error",
    meaning: "The proxy refuses the credentials. Events are kept until they are corrected.",
    remedy: "Correct user and password in the proxy's URL.",
  },
  proxy_connection_refused: {
    level: "error",
    meaning: "The proxy does not allow connections to Splunk. Events are kept until it does.",
    remedy: "Allow tallyman's host to connect to Splunk in the proxy's rules.",
  },
  proxy_tls_failed: {
    level: "error",
    meaning:
      "No TLS connection to the proxy is possible until the cause is fixed. Events are kept.",
    remedy: "See `detail`; add the proxy's authority to those that the machine trusts.",
  },
} as const satisfies LogCodeTable;
