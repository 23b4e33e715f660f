/**
 * The options of the admin listener, as users write them. Their descriptions are the reference documentation.
 */
import { join } from "node:path";
import { z } from "zod";
import { state_names } from "../platform/files/state-names.ts";
import { parseListenAddress, type ListenAddress } from "../platform/sockets/listen-address.ts";
import { faultOfSocketPath, socketMode } from "../platform/sockets/socket-options.ts";

export type LoopbackAddress = Extract<ListenAddress, { kind: "tcp" }> & { readonly host: string };

const loopback_wanted =
  "expected a loopback address and a port, such as 127.0.0.1:9464 or [::1]:9464";

const loopback = z.string(loopback_wanted).transform((text, context): LoopbackAddress => {
  const address = parseListenAddress(text);
  if (typeof address !== "string" && address.kind === "tcp" && isLoopback(address.host)) {
    return { ...address, host: address.host! };
  }
  context.addIssue(
    typeof address === "string"
      ? loopback_wanted
      : "expected a loopback address, such as 127.0.0.1:9464 or [::1]:9464: there is no authentication, " +
          "so only this machine may connect",
  );
  return z.NEVER;
});

export const adminOptions = z
  .strictObject({
    socket: z
      .union([z.string(), z.literal(false)])
      .superRefine((path, context) => {
        const fault = path === false ? undefined : faultOfSocketPath(path);
        if (fault !== undefined) context.addIssue(fault);
      })
      .optional()
      .describe(
        "The UNIX socket for status, health, metrics and the page, and for `tallyman status` and `reload`. Default: " +
          "`admin.sock` in state_dir; `false` for none.",
      ),
    mode: socketMode
      .default("0660")
      .describe("Permissions of the socket file, in quotes. Whoever may write to it may use it."),
    listen: loopback
      .optional()
      .describe(
        "A loopback address and a port, such as `127.0.0.1:9464`, for status, health, metrics and the page over TCP, " +
          "for Prometheus and a browser. Every user of this machine may read them.",
      ),
    tap: z
      .boolean()
      .optional()
      .describe(
        "Who may watch events pass with `tallyman tap`, redacted as they are shipped. Default: whoever may use the " +
          "UNIX socket, unless its mode lets every user in. `true`: whoever may use the socket or `listen`, which is every " +
          "user of this machine; `false`: nobody.",
      ),
  })
  .prefault({});

export type AdminOptions = z.output<typeof adminOptions>;

/** Permissions of those who are neither the socket's user nor in its group. */
const others_write = 0o002;

/**
 * Why what is for those alone whom the mode of the UNIX socket lets in by name, user and group, is for nobody; undefined where it
 * lets in no others, or they are wanted. `not_done` says what is not done then.
 */
export function whyClosedToAll({ tap, mode }: AdminOptions, not_done: string): string | undefined {
  if (tap === true || (Number.parseInt(mode, 8) & others_write) === 0) return undefined;
  return (
    `every user of this machine may use the admin socket (\`admin.mode: "${mode}"\`), so ${not_done}; ` +
    "set `admin.tap: true` to allow it"
  );
}

/** The path of the socket; undefined where there is none. */
export function adminSocketOf({
  state_dir,
  admin: { socket },
}: {
  readonly state_dir: string;
  readonly admin: AdminOptions;
}): string | undefined {
  if (socket === false) return undefined;
  return socket ?? join(state_dir, state_names.admin_socket);
}

function isLoopback(host: string | undefined): boolean {
  return host !== undefined && (host === "::1" || /^127(?:\.\d{1,3}){3}$/.test(host));
}
