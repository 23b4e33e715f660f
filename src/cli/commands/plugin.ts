/** `tallyman plugin`: the commands for those who write plugins. */
import { Command } from "commander";
import { newCommand } from "./plugin/new.ts";
import { testCommand } from "./plugin/test.ts";

const help = `
A plugin is one file in plugins_dir: JavaScript or TypeScript, without a build.
\`new\` writes one to start from, with its tests; \`test\` runs the tests beside
the plugins of a directory. docs/plugins.md describes what a plugin can do.

Examples:
  $ tallyman plugin new add_site --dir ./plugins
  $ tallyman plugin test ./plugins`;

export function pluginCommand(): Command {
  const command = new Command("plugin")
    .description("write a new plugin, or test those of a directory")
    .addHelpText("after", help);
  for (const each of [newCommand(), testCommand()]) command.addCommand(each);
  return command;
}
