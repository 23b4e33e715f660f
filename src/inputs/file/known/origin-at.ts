/**
 * What the events of a file carry, by its path.
 */
import type { Origin, OriginOptions } from "../../../event/block.ts";

export function originAt(input: string, options: OriginOptions, path: string): Origin {
  const { metadata, time, path_fields } = options;
  const fields = path_fields?.(path);
  return {
    input,
    stream: path,
    metadata: {
      ...metadata,
      source: metadata.source ?? path,
      ...(fields && { fields: { ...fields, ...metadata.fields } }),
    },
    time,
  };
}
