/**
 * `tallyman proof init`: makes the root and the first key, and prints what the auditor keeps.
 */
import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { StateLock } from "../../ledger/state-lock.ts";
import { systemClock } from "../../platform/clock.ts";
import { messageOf, TallymanError } from "../../platform/errors.ts";
import { writeNewFile } from "../../platform/files/new-file.ts";
import { machineName } from "../../platform/process/machine-name.ts";
import { printable, printableJson } from "../../platform/text/printable.ts";
import { keyFilePath, readKeyFile, readRootFile, writeKeyFile } from "../../proof/keys/key-file.ts";
import { newKeys } from "../../proof/keys/proof-keys.ts";
import { openStateDirectory } from "../quarantine/opening.ts";

const state_mode = 0o700;
const root_mode = 0o600;

interface InitOptions {
  config: string;
  keepRoot?: string;
  renew?: string;
  force?: boolean;
  json?: boolean;
}

/** What the command does. */
export async function proofInit(options: InitOptions): Promise<void> {
  const { keepRoot: kept_as, renew } = options;
  if (kept_as !== undefined && renew !== undefined) {
    throw new TallymanError(
      "usage",
      "--keep-root makes a new root, and --renew uses one: give one",
    );
  }
  // Before root may become another user, who need not be able to read it.
  const root = renew === undefined ? undefined : await readRootFile(renew);
  if (kept_as !== undefined && existsSync(kept_as)) throw refused(`${kept_as} is there already`);
  const state_dir = await openStateDirectory(options.config);
  await refuseToReplace(state_dir, options);
  const agent = root?.agent ?? machineName();
  const made = newKeys(agent, systemClock.now(), root);
  try {
    await mkdir(state_dir, { recursive: true, mode: state_mode });
    if (kept_as !== undefined) {
      const text = `${JSON.stringify(made.root)}\n`;
      await writeNewFile({ path: kept_as, text, mode: root_mode, replaces: false });
    }
    await writeKeyFile(state_dir, made.file);
  } catch (cause) {
    throw refused(messageOf(cause), cause);
  }
  print({ agent, fingerprint: made.fingerprint, keys: keyFilePath(state_dir) }, options);
}

/** An agent that runs has its key in memory, and would write over the new ones. */
async function refuseToReplace(state_dir: string, options: InitOptions): Promise<void> {
  const replaces = options.force === true || options.renew !== undefined;
  if (!existsSync(keyFilePath(state_dir))) return;
  if (!replaces) {
    const keys = await readKeyFile(state_dir);
    throw refused(
      `there are keys already in ${keyFilePath(state_dir)}, of the agent ${keys!.agent}`,
    );
  }
  if ((await StateLock.holder(state_dir)) !== undefined) {
    throw refused(`the agent of ${state_dir} is running; stop it first`);
  }
}

interface Made {
  readonly agent: string;
  readonly fingerprint: string;
  readonly keys: string;
}

function print(made: Made, { json, keepRoot: kept_as, renew }: InitOptions): void {
  if (json === true) return console.log(printableJson(JSON.stringify(made, undefined, 2)));
  const root =
    kept_as === undefined
      ? "The root's private key was not kept: nobody can certify another key with it."
      : `The root's private key is in ${kept_as}. Move it away from this machine.`;
  const lines = [
    made.fingerprint,
    "",
    `This is the fingerprint of ${made.agent}. Give it to the auditor, and keep it off this machine:`,
    `  tallyman verify --root ${made.fingerprint} EXPORT`,
    renew === undefined
      ? root
      : "The kept root has certified a new key; the fingerprint is the same.",
    `The key that signs is in ${made.keys}.`,
  ];
  for (const line of lines) console.log(printable(line));
}

function refused(why: string, cause?: unknown): TallymanError {
  return new TallymanError("proof_refused", why, {}, { cause });
}
