/**
 * The options of the `splunk_hec` output: the one source of their types, defaults, checks and documentation.
 */
import { z } from "zod";
import { Secret } from "../../platform/secret.ts";
import { duration, size } from "../../platform/text/unit-options.ts";
import { networkShape, refuseIdleTls } from "../network/network-options.ts";

const KiB = 1024;
const MiB = 1024 * KiB;

/** Splunk Cloud answers a body above 5,242,880 bytes as if its first event were malformed (measured). */
export const batch_bytes_max = 5 * MiB;
const batch_bytes_min = 4 * KiB;
const batch_wait_ms_max = 60_000;
const endpoints_max = 16;
const timeout_ms_min = 100;
const timeout_ms_max = 3_600_000;
const ack_timeout_ms_min = 10_000;

/** What a URL copied from Splunk's documentation may end with; tallyman adds the path that it needs. */
const collector_path = /\/services\/collector(?:\/(?:event|raw)(?:\/1\.0)?)?$/;

const collectorUrl = z.string().transform((text, context): string => {
  const parsed = URL.canParse(text) ? new URL(text) : undefined;
  const mistake = parsed === undefined ? "expected a URL" : mistakeIn(parsed, text);
  if (parsed === undefined || mistake !== undefined) {
    context.addIssue(`${mistake}; such as https://splunk.example.com:8088`);
    return z.NEVER;
  }
  const base = parsed.pathname.replace(/\/+$/, "").replace(collector_path, "");
  return parsed.origin + base;
});

/** Anything else cannot be in a header; the usual cause is a line end or a blank that was copied along. */
const isToken = (text: string): boolean =>
  /^[\x21-\x7e]{1,512}$/.test(text) && /[A-Za-z0-9]/.test(text);

const token_surrounded =
  'remove the space or line end around the token; behind "|" YAML keeps the last line end, behind "|-" it does not';

const token = z.string().transform((text, context): Secret => {
  if (isToken(text)) return new Secret(text, isToken);
  context.addIssue(
    /^(?:Authorization:\s*)?Splunk\s/i.test(text)
      ? 'remove "Splunk ": expected the token alone'
      : isToken(text.trim())
        ? token_surrounded
        : "expected a token of printable ASCII characters without spaces or line ends",
  );
  return z.NEVER;
});

const batch = z
  .strictObject({
    max_bytes: size()
      .refine((bytes) => bytes >= batch_bytes_min && bytes <= batch_bytes_max, {
        message: "expected a size from 4KiB to 5MiB (Splunk Cloud's limit)",
      })
      .prefault("1MiB")
      .describe(
        "A batch is sent when it has this size, before compression. At most 5MiB, Splunk Cloud's limit.",
      ),
    max_wait: duration()
      .refine((wait_ms) => wait_ms <= batch_wait_ms_max, "expected at most 60s")
      .prefault("200ms")
      .describe(
        "A partly filled batch is sent after this time at the latest. An idle agent sends at once.",
      ),
  })
  .prefault({});

export const splunkHecOptions = z
  .strictObject({
    type: z.literal("splunk_hec").default("splunk_hec").describe("Splunk's HTTP Event Collector."),
    url: collectorUrl
      .optional()
      .describe(
        "Where the collector listens: scheme, host, port, and a path only if a proxy requires one.",
      ),
    endpoints: z
      .array(collectorUrl)
      .min(1)
      .max(endpoints_max)
      .refine((urls) => new Set(urls).size === urls.length, "the same URL is given twice")
      .optional()
      .describe(
        "Several collectors instead of one `url`. A dead or slow one does not affect the others, and is used again by itself.",
      ),
    token: token.describe(
      "The collector's token. Write ${env:…}, or ${file:…} or ${credential:…}: a replaced file is used from " +
        "the next request on.",
    ),
    mode: z
      .enum(["event", "raw"])
      .default("event")
      .describe(
        "`event` sends time and metadata with every event; `raw` sends bare lines, which Splunk parses itself, " +
          "without their time, indexed fields, and the mark of a line that was cut.",
      ),
    compression: z
      .enum(["none", "gzip"])
      .default("none")
      .describe("`gzip` costs CPU time on a second core, and saves most of the network traffic."),
    batch: batch.describe("When a batch is sent."),
    max_in_flight: z
      .int()
      .min(1)
      .max(64)
      .default(4)
      .describe(
        "The most requests at once to one endpoint. Starts at 1, and grows only while Splunk answers slowly; 1 keeps the events of one index in strict order.",
      ),
    ack: z
      .enum(["auto", "on", "off"])
      .default("auto")
      .describe(
        "Indexer acknowledgement. `auto`: where the token has it, events count as delivered once they are indexed; `on`: refuses tokens without it; `off`: they count once Splunk has accepted them.",
      ),
    ack_timeout: duration()
      .refine((timeout_ms) => timeout_ms >= ack_timeout_ms_min && timeout_ms <= timeout_ms_max, {
        message: "expected a duration from 10s to 1h",
      })
      .prefault("5m")
      .describe(
        "How long to wait for an acknowledgement before the events are sent again; they may then be in Splunk twice.",
      ),
    timeout: duration()
      .refine((timeout_ms) => timeout_ms >= timeout_ms_min && timeout_ms <= timeout_ms_max, {
        message: "expected a duration from 100ms to 1h",
      })
      .prefault("10s")
      .describe(
        "How long one request may take, from connecting to the end of the answer; enough to upload a full batch.",
      ),
    ...networkShape,
  })
  // Both are looked at whatever else is wrong.
  .refine((options) => givenUrls(options).length > 0, {
    message: "is missing: where the collector listens, such as https://splunk.example.com:8088",
    path: ["url"],
    when: () => true,
  })
  .refine((options) => givenUrls(options).length < 2, {
    message: "give one of `url` and `endpoints`, not both",
    path: ["endpoints"],
    when: () => true,
  })
  .superRefine((options, context) => refuseIdleTls(endpointsOf(options), options.tls, context));

export type SplunkHecOptions = z.output<typeof splunkHecOptions>;

/** The URLs of the endpoints. */
export function endpointsOf({
  url,
  endpoints,
}: Pick<SplunkHecOptions, "url" | "endpoints">): readonly string[] {
  return endpoints ?? (url === undefined ? [] : [url]);
}

export function isSecure(url: string): boolean {
  return url.startsWith("https:");
}

function mistakeIn(url: URL, text: string): string | undefined {
  if (url.protocol !== "http:" && url.protocol !== "https:") return "expected http:// or https://";
  if (url.username !== "" || url.password !== "") return "put the token into `token`, not the URL";
  // Splunk prefers a token in the query to the one in the header, so a query must never slip in.
  if (text.includes("?")) return "the URL must not have a query";
  if (text.includes("#")) return "the URL must not have a fragment";
  return undefined;
}

/** Those of the options that say where to send to, in a value of whatever shape. */
function givenUrls(options: unknown): string[] {
  if (typeof options !== "object" || options === null) return ["?"];
  return ["url", "endpoints"].filter(
    (key) => (options as Record<string, unknown>)[key] !== undefined,
  );
}
