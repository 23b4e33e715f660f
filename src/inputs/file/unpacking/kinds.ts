/**
 * What a file is by its first bytes: compressed in a way that is read, in one that is not, an archive, or none of these.
 * The name says nothing certain.
 */

/** Ways of compression that are read: gzip (RFC 1952) and Zstandard (RFC 8878). */
export const compressions = ["gzip", "zstd"] as const;

export type Compression = (typeof compressions)[number];

/** Bytes that tell what a file is. */
export const magic_bytes = 4;

const gzip_magic = Buffer.from([0x1f, 0x8b, 0x08]);
const zstd_magic = Buffer.from([0x28, 0xb5, 0x2f, 0xfd]);

/** The first bytes of files that are compressed in a way that is not read. */
const foreign: readonly { readonly name: string; readonly magic: Buffer }[] = [
  { name: "xz", magic: Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]) },
  { name: "lz4", magic: Buffer.from([0x04, 0x22, 0x4d, 0x18]) },
  { name: "zip", magic: Buffer.from("PK\x03\x04", "latin1") },
  { name: "compress", magic: Buffer.from([0x1f, 0x9d]) },
];
/** `BZh`, the block size, and the number that begins each block. */
const bzip2_magic = /^BZh[1-9]1AY&SY/;

/** How a file is compressed that begins with these bytes; undefined where it is not, or in a way that is not read. */
export function compressionOf(bytes: Buffer): Compression | undefined {
  if (startsWith(bytes, gzip_magic)) return "gzip";
  if (startsWith(bytes, zstd_magic) || isSkippableFrame(bytes)) return "zstd";
  return undefined;
}

/** The name of a compression that is not read, where a file begins with these bytes. */
export function foreignCompressionOf(bytes: Buffer): string | undefined {
  if (bzip2_magic.test(bytes.toString("latin1", 0, 10))) return "bzip2";
  return foreign.find(({ magic }) => startsWith(bytes, magic))?.name;
}

/** Whether a file that begins with these bytes is compressed, in whatever way. */
export function isCompressed(bytes: Buffer): boolean {
  return compressionOf(bytes) !== undefined || foreignCompressionOf(bytes) !== undefined;
}

/** Whether content that begins with these bytes is a tar archive. */
export function isArchive(bytes: Buffer): boolean {
  return bytes.toString("latin1", 257, 262) === "ustar";
}

/** A frame of Zstandard that holds no content. */
export function isSkippableFrame(bytes: Buffer): boolean {
  return bytes.length >= 4 && (bytes.readUInt32LE(0) & 0xfffffff0) >>> 0 === 0x184d2a50;
}

function startsWith(bytes: Buffer, magic: Buffer): boolean {
  return bytes.length >= magic.length && magic.compare(bytes, 0, magic.length) === 0;
}
