/** Reads command lines of tallyman with its own definition of them, and runs none. */
import { CommanderError, type Command } from "commander";
import { tallymanCommand } from "../../../src/cli/program.ts";

/** Why tallyman would refuse these arguments; undefined where it would not. */
export async function complaintAbout(args: readonly string[]): Promise<string | undefined> {
  const program = tallymanCommand();
  disarm(program);
  try {
    await program.parseAsync(args, { from: "user" });
    return undefined;
  } catch (thrown) {
    if (!(thrown instanceof CommanderError)) throw thrown;
    return thrown.exitCode === 0 ? undefined : thrown.message;
  }
}

function disarm(command: Command): void {
  command.configureOutput({ writeOut: () => undefined, writeErr: () => undefined });
  if (command.commands.length === 0) command.action(() => undefined);
  for (const each of command.commands) disarm(each);
}
