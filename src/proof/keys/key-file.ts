/**
 * The file with the keys of a state directory: the certificates, and the one private key that may sign. A key that is
 * replaced is overwritten where it stood, so that who takes the machine later cannot sign for the days before.
 */
import { constants } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { messageOf, TallymanError } from "../../platform/errors.ts";
import { replaceFile } from "../../platform/files/atomic-file.ts";
import { openOwn, readOwn, removeOwn } from "../../platform/files/own-file.ts";
import { state_names } from "../../platform/files/state-names.ts";
import { keysSchema } from "../format/certificates.ts";

const file_name = "keys.json";
const directory_mode = 0o700;
const file_mode = 0o600;

const keyFileSchema = z.strictObject({
  v: z.literal(1),
  agent: z.string().min(1),
  keys: keysSchema.refine(([, first]) => first !== undefined, "no key is certified"),
  /** The 32 bytes that the private key of the last certificate is made of. */
  private: z.base64(),
});

export type KeyFile = z.output<typeof keyFileSchema>;

const rootFileSchema = z.strictObject({
  v: z.literal(1),
  agent: z.string().min(1),
  private: z.base64(),
});

/** The root's private key, where it is kept. */
export type RootFile = z.output<typeof rootFileSchema>;

export function keyFilePath(state_dir: string): string {
  return join(state_dir, state_names.proof, file_name);
}

/** What the file says; undefined where there is none. Rejects with TallymanError proof_keys_unusable. */
export async function readKeyFile(state_dir: string): Promise<KeyFile | undefined> {
  const path = keyFilePath(state_dir);
  try {
    return keyFileSchema.parse(JSON.parse(await readOwn(path)));
  } catch (cause) {
    if (isMissing(cause)) return undefined;
    throw unusable(path, cause);
  }
}

/** Replaces the file, whole, and overwrites the keys that it had. Rejects with the system's error. */
export async function writeKeyFile(state_dir: string, keys: KeyFile): Promise<void> {
  const path = keyFilePath(state_dir);
  await mkdir(join(state_dir, state_names.proof), { recursive: true, mode: directory_mode });
  // It is held open, since a file that has lost its name can only be overwritten by who has it open.
  const before = await openOwn(path, constants.O_RDWR).catch((cause: unknown) => {
    if (isMissing(cause)) return undefined;
    throw cause;
  });
  try {
    await replaceFile(path, `${JSON.stringify(keys)}\n`, file_mode);
    if (before === undefined) return;
    const { size } = await before.stat();
    await before.write(Buffer.alloc(size), 0, size, 0);
    await before.datasync();
  } finally {
    await before?.close();
  }
}

/** The kept root in a file of the user's. Rejects with TallymanError proof_keys_unusable. */
export async function readRootFile(path: string): Promise<RootFile> {
  try {
    return rootFileSchema.parse(JSON.parse(await readOwn(path)));
  } catch (cause) {
    throw unusable(path, cause);
  }
}

/** Overwrites the file, and removes it. */
export async function wipe(path: string): Promise<void> {
  const file = await openOwn(path, constants.O_RDWR);
  try {
    const { size } = await file.stat();
    await file.write(Buffer.alloc(size), 0, size, 0);
    await file.datasync();
  } finally {
    await file.close();
  }
  await removeOwn(path);
}

function isMissing(cause: unknown): boolean {
  return (cause as NodeJS.ErrnoException).code === "ENOENT";
}

/** What the parser says could quote a key. */
function unusable(path: string, cause: unknown): TallymanError {
  const is_form = cause instanceof SyntaxError || cause instanceof z.ZodError;
  const reason = is_form ? "it has not the form of such a file" : messageOf(cause);
  return new TallymanError("proof_keys_unusable", `cannot use the keys in ${path}: ${reason}`, {
    file: path,
  });
}
