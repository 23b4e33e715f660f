/**
 * Masks what the header of a record says. No step looks for secrets there as it does in the record, so that the header's text
 * is masked as text is that goes to quarantine, and what of its values that touches is not passed on.
 */
import type { HeaderSource, RecordHeader } from "./block.ts";

const mask_text = "[REDACTED]";

/** Makes what takes out of a header's host and fields whatever `mask` finds secret in its text. */
export function headerMask(mask: (text: string) => string): (header: RecordHeader) => RecordHeader {
  // Many records share a source.
  const masked = new WeakMap<HeaderSource, string>();
  return (header) => {
    const { from } = header;
    if (from === undefined) return header;
    const shown = masked.get(from) ?? mask(from.text);
    masked.set(from, shown);
    return shown === from.text ? header : withoutSecrets(header, from, shown);
  };
}

/** Keeps what is as often in the text as it was before that was masked. */
function withoutSecrets(
  { host, fields }: RecordHeader,
  from: HeaderSource,
  shown: string,
): RecordHeader {
  const isKept = (part: string): boolean => {
    const times = occurrences(from.text, part);
    return times > 0 && times === occurrences(shown, part);
  };
  const masked = new Map(Object.entries(fields ?? {}));
  for (const { field, names, values } of from.parts) {
    if (!names.every(isKept)) masked.delete(field);
    else if (!values.every(isKept)) masked.set(field, mask_text);
  }
  const is_host_kept = host !== undefined && isKept(host);
  return { ...(is_host_kept && { host }), fields: Object.fromEntries(masked) };
}

function occurrences(text: string, part: string): number {
  return part === "" ? 0 : text.split(part).length - 1;
}
