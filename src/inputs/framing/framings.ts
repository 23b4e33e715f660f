/**
 * The framings that there are, by name. A new one is a file here, and a line in this list.
 */
import type { Framing } from "./contract/framing.ts";
import { auditd } from "./auditd/auditd.ts";
import { cri } from "./containers/cri.ts";
import { docker } from "./containers/docker.ts";
import { journald } from "./journald/journald.ts";
import { json } from "./json/json.ts";
import { lines } from "./lines/lines-framing.ts";
import { multiline } from "./multiline/multiline.ts";
import { octetCounted } from "./octets/octet-counted.ts";
import { syslog } from "./syslog/syslog.ts";

export const framings = {
  auditd,
  cri,
  docker,
  journald,
  json,
  lines,
  multiline,
  octet_counted: octetCounted,
  syslog,
} satisfies Record<string, Framing>;
