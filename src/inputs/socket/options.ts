/**
 * The options of a socket input, as users write them. Their descriptions are the reference documentation.
 */
import { z } from "zod";
import { same } from "../../platform/same.ts";
import { faultOfSocketMode, socketPath } from "../../platform/sockets/socket-options.ts";
import { encodingOption } from "../encoding-option.ts";
import { framingOption, takenOffBy } from "../framing-option.ts";
import { maxEventBytes } from "../lines/line-options.ts";
import { metadataOptions } from "../metadata-options.ts";
import { timeOptions } from "../time-options.ts";

const account = (example: string) =>
  z
    .string({
      error: ({ input }) =>
        typeof input === "number" ? `expected a name, or "${input}" in quotes` : undefined,
    })
    .regex(/^[^\s:]+$/, `expected a name or a number in quotes, such as ${example}`)
    .optional();

/** All of a socket input's options but those of its journal. */
export const socketInputShape = () => ({
  type: z
    .literal("socket")
    .describe("Receives lines over a UNIX stream socket, or datagrams (`mode: datagram`)."),
  path: socketPath.describe(
    "Where to listen. A socket that nobody listens on any more is replaced; anything else at this path " +
      "is left alone, and tallyman does not start. A socket that systemd hands over (`LISTEN_FDS`) is used " +
      "where it has this path, or where its `FileDescriptorName=` is this input's name.",
  ),
  mode: z
    .string({ error: ({ input }) => faultOfSocketMode(input) })
    .regex(
      /^(?:stream|datagram|0?[0-7]{3})$/,
      'expected datagram, stream, or a mode of three octal digits, such as "0660"',
    )
    .default("0660")
    .describe(
      "Permissions of the socket file, in quotes. Whoever may write to it may send events. Not for a socket " +
        "from systemd, nor are `owner` and `group`: its unit has `SocketMode=` and the like. `stream` is short for " +
        '`"0660"`. With `datagram` it is a datagram socket, as nginx, HAProxy and whatever writes to /dev/log need: one ' +
        "datagram is one event, and `framing` may only say what is taken off its beginning: `syslog`, or `lines` with a `prefix`. " +
        "systemd has to open it (`ListenDatagram=`).",
    ),
  owner: account("tallyman").describe(
    "Owner of the socket file: a name in /etc/passwd, or a number in quotes. Needs the " +
      "permission to change owners (CAP_CHOWN).",
  ),
  group: account("adm").describe(
    "Group of the socket file: a name in /etc/group, or a number in quotes.",
  ),
  max_connections: z
    .number()
    .int()
    .min(1)
    .default(1024)
    .describe("Most clients at a time. Further ones are turned away, which is logged."),
  confirm: z
    .boolean()
    .default(false)
    .describe(
      "Whether a client that has closed its writing side (`shutdown(SHUT_WR)`) is answered before the end of the " +
        "connection: `ok COUNT` and a line feed once all COUNT lines of the connection are kept, as `journal.sync` says, " +
        "or were filtered by a step; `error kept=… dropped=… cut=…` where some were dropped, or were longer than " +
        "`max_event_bytes`. Without a line nothing is known, as when tallyman was killed.",
    ),
  encoding: encodingOption,
  framing: framingOption,
  max_event_bytes: maxEventBytes,
  metadata: metadataOptions.prefault({}),
  time: timeOptions,
});

export type SocketInputOptions = z.output<
  z.ZodObject<ReturnType<typeof socketInputShape>, z.core.$strict>
>;

/** Whether an input of any type receives datagrams. */
export function isForDatagrams(input: { readonly type: string; readonly mode?: unknown }): boolean {
  return input.type === "socket" && input.mode === "datagram";
}

/** What is said of a socket for datagrams that has options of connections. */
const idle_options = {
  owner: "the unit of systemd has SocketUser= for that",
  group: "the unit of systemd has SocketGroup= for that",
  max_connections: "datagrams come without connections",
  confirm: "whoever sends datagrams gets no answer",
  encoding: "datagrams are read as UTF-8",
} as const;

/** Complains of each option that a socket for datagrams cannot have. What is as by default counts as not given. */
export function refuseIdleOptions(
  options: Partial<SocketInputOptions>,
  context: z.core.$RefinementCtx,
): void {
  if (options.mode !== "datagram") return;
  const defaults = z.strictObject(socketInputShape()).parse({ type: "socket", path: "/default" });
  for (const [key, why] of Object.entries(idle_options)) {
    const name = key as keyof typeof idle_options;
    if (same(options[name], defaults[name])) continue;
    refuse(name, `is not for mode: datagram; ${why}`, context);
  }
  const { framing = defaults.framing } = options;
  if (same(framing, defaults.framing) || takenOffBy(framing) !== undefined) return;
  const why = "one datagram is one event, of which syslog or a prefix of lines can be taken off";
  refuse("framing", `is not for mode: datagram; ${why}`, context);
}

function refuse(
  name: keyof SocketInputOptions,
  message: string,
  context: z.core.$RefinementCtx,
): void {
  context.addIssue({ code: "custom", path: [name], message });
}

/** The permissions of the file of a stream socket. */
export function permissionsOf({ mode }: Pick<SocketInputOptions, "mode">): string {
  return mode === "stream" ? "0660" : mode;
}
