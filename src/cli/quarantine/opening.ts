/**
 * Which quarantine a command is about, and as whom it acts there.
 */
import { stat } from "node:fs/promises";
import { readStateDirectory } from "../../config/load.ts";
import { messageOf, TallymanError } from "../../platform/errors.ts";
import { becomeUser } from "../../platform/process/process-guard.ts";

/**
 * The state directory of the configuration. Where root runs the command, it goes on as the directory's owner: so no file
 * is made there that the agent may not open, and nothing that the agent's user puts there leads root elsewhere.
 */
export async function openStateDirectory(config_file: string): Promise<string> {
  const state_dir = await readStateDirectory(config_file);
  if (process.getuid?.() !== 0) return state_dir;
  try {
    const { uid, gid } = await stat(state_dir);
    if (uid === 0) return state_dir;
    becomeUser(uid, gid);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return state_dir;
    const message = `cannot act as the owner of ${state_dir}: ${messageOf(cause)}`;
    throw new TallymanError("quarantine_unreadable", message, { file: state_dir }, { cause });
  }
  return state_dir;
}
