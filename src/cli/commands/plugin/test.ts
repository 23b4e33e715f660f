/** `tallyman plugin test`, as its help shows it. */
import { Command } from "commander";
import type { testPlugins } from "../../plugin/test.ts";

const help = `
It loads the plugins of the directory as the agent does, and runs the tests in
NAME.test.yaml beside the plugin NAME: each has an event, and the expected
result. A failed test shows what was expected and what was found. If a plugin
throws, its message and stack are shown.

    tests:
      - name: adds the site
        options: { site: berlin }
        event: { kind: login }
        expect: { event: { kind: login, site: berlin } }
      - name: filters health checks out
        event: { kind: health }
        expect: { fate: filtered }

The tests have the form of tests of rules (docs/rules/testing.md), with options
of the plugin instead of an input. If a step makes several events, expect is a
list.

Exit status: 0 when all tests pass; 1 when one fails, there is none, or a plugin
is refused; 2 when the command line is invalid.

Examples:
  $ tallyman plugin test ./plugins`;

export function testCommand(): Command {
  return new Command("test")
    .description("run the tests beside the plugins of a directory")
    .argument("<directory>", "the directory with the plugins")
    .addHelpText("after", help)
    .action(async (...given: Parameters<typeof testPlugins>) =>
      (await import("../../plugin/test.ts")).testPlugins(...given),
    );
}
