/**
 * The options of how NATS is reached, for whoever publishes there and whoever reads there.
 */
import { z } from "zod";
import { Secret } from "../secret.ts";
import { tlsOptions } from "../sockets/tls-options.ts";
import { duration } from "../text/unit-options.ts";

const servers_max = 16;
const default_port = "4222";
const timeout_ms_min = 100;
const timeout_ms_max = 60_000;

/** A server of a cluster, in one form however it is written. */
export const natsServer = z.string().transform((text, context): string => {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const mistake = url === undefined ? "expected a URL" : mistakeIn(url);
  if (url !== undefined && mistake === undefined)
    return `${url.protocol}//${url.hostname}:${url.port || default_port}`;
  context.addIssue(`${mistake}; such as nats://n1.example.com:4222 or tls://n1.example.com:4222`);
  return z.NEVER;
});

function mistakeIn(url: URL): string | undefined {
  if (url.protocol !== "nats:" && url.protocol !== "tls:") return "expected nats:// or tls://";
  if (url.username !== "" || url.password !== "")
    return "put the name into `user` and the password into `password`, not the URL";
  if (url.hostname === "") return "the host is missing";
  if (url.pathname !== "" && url.pathname !== "/") return "the URL must not have a path";
  return undefined;
}

/** One that can be used, as far as its form says. */
const isSeed = (text: string): boolean => /^S[A-Z2-7]{20,}$/.test(text.trim());
const isCredentials = (text: string): boolean => /BEGIN NATS USER JWT/.test(text);

function secret(accepts: (text: string) => boolean, expected: string) {
  return z.string().transform((text, context): Secret => {
    if (accepts(text)) return new Secret(text, accepts);
    context.addIssue(`expected ${expected}`);
    return z.NEVER;
  });
}

/** Spread into the options of an input or an output. */
export const natsShape = () => ({
  servers: z
    .array(natsServer)
    .min(1)
    .max(servers_max)
    .describe("The servers of the cluster: `nats://host:port`, or `tls://host:port` for TLS only."),
  stream: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,64}$/, "expected a name of letters, digits, - and _")
    .default("TALLY")
    .describe("The stream that holds the batches. `tallyman fleet setup` makes it."),
  prefix: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,64}$/, "expected a word of letters, digits, - and _")
    .default("tally")
    .describe("The first word of all subjects: batches go to `PREFIX.ev.AGENT.LANE`."),
  credentials: secret(isCredentials, "the content of a credentials file; write ${file:/path}")
    .optional()
    .describe(
      "The content of a credentials file (JWT and seed). Write ${file:…} or ${credential:…}.",
    ),
  nkey: secret(isSeed, "the seed of an nkey, which begins with S")
    .optional()
    .describe("The seed of an nkey. Write ${file:…} or ${credential:…}."),
  user: z.string().min(1).optional().describe("The user's name, if the servers use passwords."),
  password: secret((text) => text !== "", "a password")
    .optional()
    .describe("The user's password. Write ${env:…}, ${file:…} or ${credential:…}."),
  tls: tlsOptions().prefault({}).describe("TLS options for `tls://` servers."),
  connect_timeout: duration()
    .refine((ms) => ms >= timeout_ms_min && ms <= timeout_ms_max, {
      message: "expected a duration from 100ms to 1m",
    })
    .prefault("5s")
    .describe("How long a connection may take to open, including authentication."),
});

export type NatsOptions = z.output<z.ZodObject<ReturnType<typeof natsShape>>>;

/** What a connection is opened by. */
export type NatsAccess = Omit<NatsOptions, "stream">;

/** What is wrong with the options as a whole. */
export function refuseUnclear(
  options: Pick<NatsOptions, "credentials" | "nkey" | "user" | "password" | "servers" | "tls">,
  context: z.core.$RefinementCtx,
): void {
  const refuse = (option: string, message: string): void =>
    context.addIssue({ code: "custom", path: [option], message });
  const { credentials, nkey, user, password } = options;
  const ways = Object.entries({ credentials, nkey, user }).filter(
    ([, value]) => value !== undefined,
  );
  if (ways.length > 1) refuse(ways[1]![0], `\`${ways[0]![0]}\` is given, too; keep one of the two`);
  if (user !== undefined && password === undefined) refuse("user", "set `password`, too");
  if (password !== undefined && user === undefined) refuse("password", "set `user`, too");
  if (options.servers.some((url) => url.startsWith("tls:"))) {
    if (options.servers.some((url) => url.startsWith("nats:")))
      refuse(
        "servers",
        "some are tls:// and others nats://; a connection would not be secure with any of the latter",
      );
    return;
  }
  const { ca_file, cert_file, server_name, verify } = options.tls;
  if (ca_file !== undefined || cert_file !== undefined || server_name !== undefined || !verify)
    refuse("tls", "has no effect on nats:// servers; did you mean tls://?");
}
