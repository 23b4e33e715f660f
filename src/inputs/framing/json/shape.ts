/**
 * What the records of a JSON file or stream are: the documents, or the elements of an array in each of them.
 */
import { parsePath, PathError } from "../../../event/scan/path.ts";

/** Where the records are. */
export interface Shape {
  /** The array's path as it was written; "" where each document is a record. */
  readonly records: string;
  /** The keys that lead to the array, none for `.`; undefined where each document is a record. */
  readonly keys: readonly Buffer[] | undefined;
}

/** Each document is a record. */
export const documents: Shape = { records: "", keys: undefined };

/** The elements of the array at this path are the records. Throws a PathError for what is no path of keys. */
export function elementsAt(path: string): Shape {
  if (path === ".") return { records: path, keys: [] };
  const keys = parsePath(path).segments.map((segment) => {
    if (segment.kind !== "key") throw new PathError("only keys can lead to the records", 1);
    return Buffer.from(JSON.stringify(segment.name).slice(1, -1));
  });
  return { records: path, keys };
}
