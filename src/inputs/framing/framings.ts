/**
 * The framings that there are, by name. A new one is a file here, and a line in this list.
 */
import type { Framing } from "./contract/framing.ts";
import { auditd } from "./auditd/auditd.ts";
import { json } from "./json/json.ts";
import { lines } from "./lines/lines-framing.ts";
import { syslog } from "./syslog/syslog.ts";

export const framings = { auditd, json, lines, syslog } satisfies Record<string, Framing>;
