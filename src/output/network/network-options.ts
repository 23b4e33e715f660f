/**
 * The options of how an output reaches its server: TLS, the proxy, and how long things may take.
 */
import { z } from "zod";
import { Secret } from "../../platform/secret.ts";
import { tlsOptions, type TlsOptions } from "../../platform/sockets/tls-options.ts";
import { duration } from "../../platform/text/unit-options.ts";
import { isPattern, proxyMistake } from "./proxy.ts";

const timeout_ms_min = 100;
const timeout_ms_max = 3_600_000;
/** The timers that find a silent server count in seconds. */
const silence_ms_min = 1000;

const proxy = z.string().transform((text, context): Secret | "none" => {
  if (text === "none") return text;
  const mistake = proxyMistake(text);
  if (mistake === undefined) return new Secret(text, (other) => proxyMistake(other) === undefined);
  context.addIssue(mistake);
  return z.NEVER;
});

function silence() {
  return duration()
    .refine((timeout_ms) => timeout_ms >= silence_ms_min && timeout_ms <= timeout_ms_max, {
      message: "expected a duration from 1s to 1h",
    })
    .optional();
}

/** Without the URL: the options of an output spread these in. */
export const networkShape = {
  tls: tlsOptions().prefault({}).describe("TLS options for an https:// URL."),
  proxy: proxy
    .optional()
    .describe(
      "The proxy for connections (CONNECT): `http://user:password@host:port`, or https://; `none` for " +
        "none. Default: HTTPS_PROXY or https_proxy of the environment; for an http:// URL, http_proxy. " +
        "Write ${env:…} or ${file:…} if it has a password.",
    ),
  no_proxy: z
    .array(z.string().refine(isPattern, "expected one name, address or network, and no URL"))
    .optional()
    .describe(
      "Hosts that are reached without the proxy: names (and all below them), addresses, networks as 10.0.0.0/8, " +
        "names and addresses with or without a port; `*` for all. Default: NO_PROXY or no_proxy of the environment.",
    ),
  connect_timeout: duration()
    .refine((timeout_ms) => timeout_ms >= timeout_ms_min && timeout_ms <= timeout_ms_max, {
      message: "expected a duration from 100ms to 1h",
    })
    .prefault("5s")
    .describe(
      "How long a connection may take to open: looking up the name, TCP, the proxy and TLS together.",
    ),
  headers_timeout: silence().describe(
    "Longest time from the start of a request until its answer starts, upload included. Default: " +
      "only `timeout` limits it.",
  ),
  body_timeout: silence().describe(
    "Longest pause within an answer. Default: only `timeout` limits it.",
  ),
};

export const networkOptions = z.strictObject(networkShape);

export type NetworkOptions = z.output<typeof networkOptions>;

/** Complains of a TLS option that none of the URLs has a use for. */
export function refuseIdleTls(
  urls: readonly string[],
  { ca_file, cert_file, key_file, server_name, verify }: TlsOptions,
  context: z.core.$RefinementCtx,
): void {
  if (urls.some((url) => url.startsWith("https:"))) return;
  const given = Object.entries({ ca_file, cert_file, key_file, server_name });
  const set = given.find(([, value]) => value !== undefined)?.[0];
  const idle = set ?? (verify ? undefined : "verify");
  if (idle === undefined) return;
  const message = "has no effect on an http:// URL; did you mean https://?";
  context.addIssue({ code: "custom", path: ["tls", idle], message });
}
