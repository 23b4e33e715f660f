/** A summary as the page gets it, made of a status. */
import type { Status } from "../../../src/admin/status/status.ts";
import type { Summary } from "../../../src/admin/web/summary.ts";
import { summaryText } from "../../../src/admin/web/summarize.ts";
import { statusOf } from "./status.ts";

export function summaryOf(changes: Partial<Status> = {}): Summary {
  return JSON.parse(summaryText(statusOf(changes))) as Summary;
}
