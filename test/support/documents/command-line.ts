/** Reads command lines of tallyman with its own definition of them, and runs none. */
import { CommanderError, type Command } from "commander";
import { tallymanCommand } from "../../../src/cli/program.ts";

/** Why tallyman would refuse these arguments; undefined where it would not. */
export async function complaintAbout(args: readonly string[]): Promise<string | undefined> {
  const program = tallymanCommand();
  disarm(program);
  const restore = nameConfiguration();
  try {
    await program.parseAsync(args, { from: "user" });
    return undefined;
  } catch (thrown) {
    if (!(thrown instanceof CommanderError)) throw thrown;
    return thrown.exitCode === 0 ? undefined : thrown.message;
  } finally {
    restore();
  }
}

/** A reader of documents has a configuration, where a command looks for one; the result takes it away. */
export function nameConfiguration(): () => void {
  const { TALLYMAN_CONFIG: before } = process.env;
  process.env["TALLYMAN_CONFIG"] = "config.yaml";
  return () => {
    if (before === undefined) delete process.env["TALLYMAN_CONFIG"];
    else process.env["TALLYMAN_CONFIG"] = before;
  };
}

function disarm(command: Command): void {
  command.configureOutput({ writeOut: () => undefined, writeErr: () => undefined });
  if (command.commands.length === 0) command.action(() => undefined);
  for (const each of command.commands) disarm(each);
}
