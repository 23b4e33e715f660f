/**
 * The TLS options of whoever connects to a server: whom to trust, and who one is.
 */
import { isIP } from "node:net";
import { z } from "zod";
import { Secret } from "../secret.ts";

export const tlsOptions = () =>
  z
    .strictObject({
      ca_file: z
        .string()
        .min(1)
        .optional()
        .describe("PEM file of the authorities to trust, instead of the machine's."),
      cert_file: z
        .string()
        .min(1)
        .optional()
        .describe(
          "PEM file of the client certificate, followed by those of intermediate authorities.",
        ),
      key_file: z
        .string()
        .min(1)
        .optional()
        .describe("PEM file of the client certificate's private key."),
      key_passphrase: z
        .string()
        .min(1)
        .transform((text) => new Secret(text))
        .optional()
        .describe("Passphrase of an encrypted private key. Write ${env:…} or ${file:…}."),
      server_name: z
        .string()
        .regex(/^[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?$/, "expected the name of a host")
        .refine((name) => isIP(name) === 0, "expected the name of a host, not an address")
        .optional()
        .describe(
          "The server name that is sent (SNI) and that the certificate must have. Default: the host of the URL.",
        ),
      min_version: z
        .enum(["1.2", "1.3"])
        .default("1.2")
        .describe("The oldest TLS version to accept."),
      verify: z
        .boolean()
        .default(true)
        .describe(
          "`false` sends the token and all events to whoever answers, whatever its certificate. Logged as an error " +
            "at every start.",
        ),
    })
    .superRefine(({ cert_file, key_file, key_passphrase }, context) => {
      const refuse = (option: string, message: string): void =>
        context.addIssue({ code: "custom", path: [option], message });
      if (cert_file !== undefined && key_file === undefined) {
        refuse("cert_file", "a certificate needs its key; set key_file, too");
      }
      if (key_file !== undefined && cert_file === undefined) {
        refuse("key_file", "a key needs its certificate; set cert_file, too");
      }
      if (key_passphrase !== undefined && key_file === undefined) {
        refuse("key_passphrase", "there is no key to open; set key_file, too");
      }
    });

export type TlsOptions = z.output<ReturnType<typeof tlsOptions>>;
