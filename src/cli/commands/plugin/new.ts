/** `tallyman plugin new`, as its help shows it. */
import { Command } from "commander";
import type { newPlugin } from "../../plugin/new.ts";

const help = `
It writes NAME.ts (NAME.mjs with --js), a plugin with comments that works as it
is, and NAME.test.yaml, its tests. It never overwrites a file. The name is in
snake_case: it is the key of the plugin's steps in the chain.

Exit status: 0 when both files are written; 1 when one of them exists, or cannot
be written, or the name cannot be used; 2 when the command line is invalid.

Examples:
  $ tallyman plugin new add_site
  $ tallyman plugin new add_site --js --dir /etc/tallyman/plugins`;

export function newCommand(): Command {
  return new Command("new")
    .description("write a plugin to start from, with its tests")
    .argument("<name>", "the plugin's name, such as add_site")
    .option("--dir <directory>", "where to write it", ".")
    .option("--js", "JavaScript instead of TypeScript")
    .addHelpText("after", help)
    .action(async (...given: Parameters<typeof newPlugin>) =>
      (await import("../../plugin/new.ts")).newPlugin(...given),
    );
}
