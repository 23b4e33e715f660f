/** The key that signs configurations: a file with one line, as other programs for signed notes have it. */
import { randomBytes, type KeyObject } from "node:crypto";
import { existsSync } from "node:fs";
import { messageOf, TallymanError } from "../../platform/errors.ts";
import { writeNewFile } from "../../platform/files/new-file.ts";
import { readShortFile } from "../../platform/files/short-file.ts";
import { printable } from "../../platform/text/printable.ts";
import {
  keyName,
  parseSignerKey,
  seed_bytes,
  signerKeyText,
  verifierKeyText,
  type NamedKey,
} from "../../proof/format/notes.ts";

const file_bytes_max = 4096;
const file_mode = 0o600;

export interface SigningKey {
  readonly key: NamedKey;
  readonly private_key: KeyObject;
}

interface KeyFlags {
  readonly name?: string;
}

/** What the command does: makes the key where there is none, and prints the line that agents pin. */
export async function fleetKey(file: string, { name }: KeyFlags): Promise<void> {
  if (!existsSync(file)) await makeKey(file, keyName(name ?? "fleet"));
  else if (name !== undefined)
    throw unusable(file, "it is there already, with the name that it has");
  console.log(printable(verifierKeyText(readSigningKey(file).key)));
}

async function makeKey(file: string, name: string): Promise<void> {
  const seed = randomBytes(seed_bytes);
  const text = `${signerKeyText(name, seed)}\n`;
  seed.fill(0);
  try {
    await writeNewFile({ path: file, text, mode: file_mode, replaces: false });
  } catch (cause) {
    throw unusable(file, messageOf(cause));
  }
}

/** Throws TallymanError fleet_unusable, which quotes nothing of the file. */
export function readSigningKey(file: string): SigningKey {
  let text: string;
  try {
    text = readShortFile(file, file_bytes_max).trim();
  } catch (thrown) {
    throw unusable(file, messageOf(thrown));
  }
  const key = parseSignerKey(text);
  if (key === undefined)
    throw unusable(file, "it is no signing key; `tallyman fleet key FILE` makes one");
  if (key === "wrong_id") throw unusable(file, "its id is not that of its key");
  return key;
}

function unusable(file: string, reason: string): TallymanError {
  return new TallymanError("fleet_unusable", `the key ${file} cannot be used: ${reason}`, { file });
}
