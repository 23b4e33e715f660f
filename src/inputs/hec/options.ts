/**
 * The options of an HEC receiver, as users write them. Their descriptions are the reference documentation.
 */
import { z } from "zod";
import { Secret } from "../../platform/secret.ts";
import { duration, size } from "../../platform/text/unit-options.ts";
import { framingChoice } from "../framing-option.ts";
import { metadataOptions } from "../metadata-options.ts";
import { timeOptions } from "../time-options.ts";
import {
  address_wanted,
  parseListenAddress,
  type ListenAddress,
} from "../../platform/sockets/listen-address.ts";

const MiB = 1024 * 1024;

/** Below this a webhook's single event may not fit. */
const body_bytes_min = 64 * 1024;
/** Positions in a body are 32-bit numbers, and Splunk itself takes up to 800 MB. */
const body_bytes_max = 512 * MiB;
const event_bytes_min = 1024;

const listen = () =>
  z.string(address_wanted).transform((text, context): ListenAddress => {
    const address = parseListenAddress(text);
    if (typeof address !== "string") return address;
    context.addIssue(address);
    return z.NEVER;
  });

const token = () =>
  z.string().transform((text, context): Secret => {
    if (/^[\x21-\x7e]{1,512}$/.test(text)) return new Secret(text);
    context.addIssue(
      /^(?:Splunk|Bearer)\s/i.test(text)
        ? "remove the first word: expected the token alone"
        : "expected a token of printable ASCII characters without spaces or line ends around or in it",
    );
    return z.NEVER;
  });

const tls = () =>
  z.strictObject({
    cert: z
      .string()
      .min(1)
      .describe("PEM file of the certificate, followed by those of intermediate authorities."),
    key: z.string().min(1).describe("PEM file of the certificate's private key."),
  });

const badContent = () =>
  z
    .enum(["quarantine", "refuse"])
    .default("quarantine")
    .describe(
      "What happens to content that Splunk would refuse. `quarantine` keeps it there, ships the rest and " +
        "answers 200, since senders repeat a refused request forever or discard all of it. `refuse` keeps " +
        "nothing of the request and answers 400 with Splunk's code.",
    );

/** Without what every input with a journal has: the configuration spreads that in. */
export const hecInputShape = () => ({
  type: z
    .literal("hec")
    .describe("Receives HTTP requests, like Splunk's HTTP Event Collector, and S3 audit webhooks."),
  listen: listen().describe(
    "Where to listen: `127.0.0.1:8088`, `[::1]:8088`, `:8088` for every address of this machine, or " +
      "`unix:/path` for a UNIX socket. A socket that systemd hands over under the input's name is used instead.",
  ),
  mode: z
    .string()
    .regex(/^0?[0-7]{3}$/, 'expected three octal digits in quotes, such as "0660"')
    .transform((text) => Number.parseInt(text, 8))
    .optional()
    .describe("Permissions of the UNIX socket. Default: 0660."),
  tokens: z
    .array(token())
    .min(1)
    .describe(
      "Tokens that a sender may use; one is enough. Write ${env:…} or ${file:…} rather than the token.",
    ),
  tls: tls().optional().describe("Receives HTTPS instead of HTTP."),
  ack: z
    .boolean()
    .default(false)
    .describe(
      "Gives clients that name a channel the ids of Splunk's indexer acknowledgement. An event is safely " +
        "stored before its request is answered, so an id is acknowledged as soon as it is asked for.",
    ),
  bad_content: badContent(),
  framing: framingChoice
    .optional()
    .describe(
      "How the bodies of the raw endpoint become records: the name of a framing, or a map of its name to its options. " +
        "Without it, objects are records as they are, and of anything else each line is one.",
    ),
  max_event_bytes: size()
    .pipe(z.number().min(event_bytes_min).max(body_bytes_max))
    .prefault("1MiB")
    .describe(
      "Longest event that is shipped whole. A longer one is cut to this size and marked with its " +
        "original length and SHA-256.",
    ),
  max_body: size()
    .pipe(z.number().min(body_bytes_min).max(body_bytes_max))
    .prefault("16MiB")
    .describe("Largest request body, decompressed. A larger one is answered with 413."),
  max_connections: z
    .int()
    .min(1)
    .default(1024)
    .describe(
      "Most connections at a time. Beyond it, the connection is closed that has been open longest without " +
        "having shown a valid token.",
    ),
  request_timeout: duration()
    .pipe(z.number().min(1000).max(3_600_000))
    .prefault("1m")
    .describe("How long a client may take to send one request, head and body."),
  idle_timeout: duration()
    .pipe(z.number().min(1000).max(86_400_000))
    .prefault("10m")
    .describe(
      "How long an idle connection stays open. Make it longer than the sender's own limit, since an event " +
        "that is sent into a connection just closed may be lost.",
    ),
  metadata: metadataOptions.prefault({}),
  time: timeOptions,
});

export type HecInputOptions = z.output<
  z.ZodObject<ReturnType<typeof hecInputShape>, z.core.$strict>
>;
