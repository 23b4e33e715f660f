/**
 * How rotation names files. Pure decisions on names alone; what the files hold decides the rest.
 */

/** What numbers and dates in the names of rotated files consist of. */
const number_or_date = /^[-._](?:\d[\d\-_.:T+Z]*|old|prev)$/;
const separators = new Set([".", "-", "_", "~", "@", "#"]);

/**
 * The names that a file called `name` may be the rotated form of, by the number or date in it:
 * `audit.log.1`, `audit.log-20250321`, `audit-2025-03-21.log` and `audit.log.2.gz` may all come from `audit.log`.
 */
export function rotatedFrom(name: string): string[] {
  const plain = plainName(name);
  const origins = originsOf(plain, (addition) => number_or_date.test(addition));
  return plain === name ? origins : [plain, ...origins];
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

const foreign = /\.(?:bz2|xz|zip|lz4|lzma|Z|br|tgz)$/;
const packed = /\.(?:gz|zst)$/;

/** Whether the name says that the file is compressed in a way that is not read. */
export function isForeign(name: string): boolean {
  return foreign.test(name);
}

/** Whether the name says that the file is compressed in a way that is read. */
export function isPackedName(name: string): boolean {
  return packed.test(name);
}

/** Whether a compressed file by this name may hold what a file called `other` had: both come from the same name. */
export function mayHold(name: string, other: string): boolean {
  const origins = new Set([plainName(other), ...rotatedFrom(other)]);
  return [plainName(name), ...rotatedFrom(name)].some((origin) => origins.has(origin));
}

/** The name that a file had before it was compressed. */
function plainName(name: string): string {
  return name.replace(packed, "");
}
