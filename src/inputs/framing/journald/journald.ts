/**
 * The framing `journald`: entries of the systemd journal, as `journalctl -o export` writes them.
 */
import { z } from "zod";
import type { Framing } from "../contract/framing.ts";
import { journaldFramer } from "./journald-framer.ts";

const options = z
  .strictObject({})
  .describe(
    "A record is an entry of the systemd journal in its export format (`journalctl -o export`), and becomes a JSON object of its " +
      "fields; the time is that at which journald received it, unless `time` says otherwise, and the host is `_HOSTNAME`.",
  );

const entry = /^__(?:CURSOR|REALTIME_TIMESTAMP)=[^\n]*\n[A-Z_]/;

export const journald: Framing<z.output<typeof options>> = {
  options,
  explain: () => "A record is an entry of the journal (journalctl -o export), as a JSON object.",
  fits: (text) =>
    entry.test(text)
      ? {
          write: "journald",
          seen: "is an export of the systemd journal, whose entries have a line for each field",
        }
      : undefined,
  framer: (_, from) => journaldFramer(from === "file"),
};
