/**
 * How rotation names files. Pure decisions on names alone; what the files hold decides the rest.
 */

/** What numbers and dates in the names of rotated files consist of. */
const number_or_date = /^[-._](?:\d[\d\-_.:T+Z]*|old|prev)$/;
const separators = new Set([".", "-", "_", "~", "@", "#"]);

/**
 * The names that a file called `name` may be the rotated form of, by the number or date in it:
 * `audit.log.1`, `audit.log-20250321` and `audit-2025-03-21.log` may all come from `audit.log`.
 */
export function rotatedFrom(name: string): string[] {
  return originsOf(name, (addition) => number_or_date.test(addition));
}

/** The names that a file called `name` may be a copy of: whatever was added at its end, or before its suffix. */
export function copiedFrom(name: string): string[] {
  return originsOf(name, () => true);
}

function originsOf(name: string, accepts: (addition: string) => boolean): string[] {
  const origins: string[] = [];
  const suffix = name.lastIndexOf(".");
  for (let at = 1; at < name.length; at += 1) {
    if (!separators.has(name[at]!)) continue;
    if (accepts(name.slice(at))) origins.push(name.slice(0, at));
    if (at < suffix && accepts(name.slice(at, suffix))) {
      origins.push(name.slice(0, at) + name.slice(suffix));
    }
  }
  return origins;
}

const compressed = /\.(?:gz|bz2|xz|zst|zip|lz4|lzma|Z|br|tgz)$/;

/** Whether the name says that the file is compressed: then its bytes are not lines. */
export function isCompressed(name: string): boolean {
  return compressed.test(name);
}
