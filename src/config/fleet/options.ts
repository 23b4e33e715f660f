/**
 * The options of `fleet`: where an agent takes its configuration from, and whose it takes. They are in the agent's own file
 * and nowhere else.
 */
import { z } from "zod";
import { fleetName } from "../../platform/nats/name-option.ts";
import { natsShape, refuseUnclear } from "../../platform/nats/options.ts";
import { duration } from "../../platform/text/unit-options.ts";
import { serverOf } from "./server.ts";
import { parseVerifierKey, type NamedKey } from "../../proof/format/notes.ts";

const keys_max = 8;
const servers_max = 64;
const paths_max = 64;
const every_ms_min = 1000;
const every_ms_max = 3_600_000;

/** What of a configuration may come from a fleet. */
export const takeable = ["inputs", "chain", "outputs", "lifecycle"] as const;

const verifierKey = z.string().transform((text, context): NamedKey => {
  const key = parseVerifierKey(text.trim());
  if (key !== undefined) return key;
  context.addIssue("expected the line that `tallyman fleet key` prints, such as ops+1a2b3c4d+AW…");
  return z.NEVER;
});

const server = z.string().transform((text, context): string => {
  const known = serverOf(text);
  if (known !== undefined) return known;
  context.addIssue("expected the URL of a server, such as https://splunk.example.com:8088");
  return z.NEVER;
});

const directory = z
  .string()
  .refine(
    (path) => path.startsWith("/") && !path.split("/").includes(".."),
    "expected the absolute path of a directory, such as /var/log",
  );

/** Made where a configuration has it. */
export const fleetOptions = () => {
  const { stream: _, ...access } = natsShape();
  return z
    .strictObject({
      ...access,
      agent: fleetName()
        .optional()
        .describe(
          "The agent's name; each agent needs a different one. Default: this machine's name, with - in place of " +
            "characters that are not allowed.",
        ),
      group: fleetName().describe("The group whose configuration this agent takes."),
      signed_by: z
        .array(verifierKey)
        .min(1)
        .max(keys_max)
        .describe(
          "The public keys that configurations must be signed with: the lines that `tallyman fleet key` prints. " +
            "To replace a key, list both for a while.",
        ),
      takes: z
        .array(z.enum(takeable))
        .min(1)
        .default(["inputs", "chain"])
        .describe(
          "What may come from the fleet: `inputs`, `chain`, `outputs` (with `output` and `default_output`) and `lifecycle`. " +
            "Without `outputs`, nobody can send this host's events elsewhere from afar.",
        ),
      secrets_to: z
        .array(server)
        .max(servers_max)
        .default([])
        .describe(
          "Servers to which inputs and outputs from the fleet may send tokens and passwords of this host, beside those that this file " +
            "names elsewhere: URLs such as https://splunk.example.com:8088. Proxies are servers, too.",
        ),
      paths: z
        .array(directory)
        .max(paths_max)
        .default(["/var/log", "/run/tallyman"])
        .describe(
          "Directories that files have to be in, or anywhere below, if what comes from the fleet names them: those that inputs follow, lists " +
            "and tables, packs, archives, sockets and TLS files. Files that this file names by the same path are allowed, too; `/` allows all.",
        ),
      serial_min: z
        .int()
        .min(0)
        .default(0)
        .describe(
          "Older configurations than this serial are refused, even by an agent whose state is lost. `tallyman fleet status` shows serials.",
        ),
      bucket: z
        .string()
        .regex(/^[A-Za-z0-9_-]{1,48}$/, "expected a name of letters, digits, - and _")
        .default("TALLY")
        .describe(
          "The first part of the names of the two key-value buckets: `BUCKET_CONFIG` has the configurations by group, " +
            "`BUCKET_REPORTS` the reports by agent. `tallyman fleet setup` makes them.",
        ),
      every: duration()
        .refine((ms) => ms >= every_ms_min && ms <= every_ms_max, "expected 1s to 1h")
        .prefault("30s")
        .describe(
          "How often the agent reports, and checks for a configuration that it may have missed.",
        ),
    })
    .superRefine(refuseUnclear);
};

export type FleetOptions = z.output<ReturnType<typeof fleetOptions>>;
