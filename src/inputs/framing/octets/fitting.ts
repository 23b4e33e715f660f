/**
 * Whether bytes at the beginning of a file look like messages with their length before them.
 */
import { headerAt } from "./message-length.ts";
import { isBetween } from "./message-scan.ts";

/** A line may begin with a number by chance. */
const messages_min = 2;

/** Whether whole messages follow each other, and nothing else is among them. */
export function looksCounted(beginning: string): boolean {
  const bytes = Buffer.from(beginning, "latin1");
  let messages = 0;
  for (let at = 0; at < bytes.length;) {
    const header = headerAt(bytes, at);
    if (header === undefined) return false;
    if (header === "unsure" || header.content + header.octets > bytes.length) break;
    messages += 1;
    at = header.content + header.octets;
    while (isBetween(bytes[at])) at += 1;
  }
  return messages >= messages_min;
}
