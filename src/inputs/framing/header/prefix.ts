/**
 * Takes off what stands before the JSON of each record and is always the same, such as `@cee:` or the prefix of Vault.
 */
import type { TakeHeader } from "../contract/framing.ts";
import { isJsonObject } from "./taken-off.ts";

const space = 0x20;

/** A record that does not begin with the prefix, or in which more than one JSON object follows it, stays as it is. */
export function takingOff(prefix: Buffer): TakeHeader {
  return (bytes, start, end) => {
    let content = start + prefix.length;
    if (content > end || bytes.compare(prefix, 0, prefix.length, start, content) !== 0)
      return undefined;
    while (content < end && bytes[content] === space) content += 1;
    return isJsonObject(bytes, content, end) ? { content, header: undefined } : undefined;
  };
}
