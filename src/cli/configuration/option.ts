/** The option by which every command takes its configuration: `-c FILE`, FILE alone, or none. */
import type { Command } from "commander";
import { printable } from "../../platform/text/printable.ts";
import { findConfiguration } from "./find-configuration.ts";

const description = "the configuration (default: ./config.yaml or /etc/tallyman/config.yaml)";

/** Adds `-c FILE`; the command's own part finds the file in its option `config`. */
export function addConfiguration(command: Command): Command {
  return command
    .option("-c, --config <file>", description)
    .hook("preAction", (_command, action) => settle(action, action.getOptionValue("config")));
}

/** Adds `-c FILE`, and FILE as an argument, for a command that takes no others. */
export function addConfigurationAsArgument(command: Command): Command {
  return command
    .argument("[file]", "the configuration, as with -c")
    .option("-c, --config <file>", description)
    .hook("preAction", (_command, action) => {
      const by_option: unknown = action.getOptionValue("config");
      const [by_argument] = action.args;
      if (by_option !== undefined && by_argument !== undefined && by_option !== by_argument) {
        action.error("error: two configurations are named: with -c, and as argument");
      }
      settle(action, by_argument ?? by_option);
    });
}

function settle(action: Command, named: unknown): void {
  const file = findConfiguration(named as string | undefined);
  // Which one was found matters where more than one could have been meant.
  if (named === undefined && process.stderr.isTTY)
    process.stderr.write(`Using ${printable(file)}.\n`);
  action.setOptionValue("config", file);
}
