/** `tallyman plugin test`, as its help shows it. */
import { Command } from "commander";
import type { testPlugins } from "../../plugin/test.ts";

const help = `
It loads the plugins of the directory as the agent does, and runs the tests in
NAME.test.yaml beside the plugin NAME: each has an event, and what is to become
of it. A test that fails shows what was expected and what was found; a plugin
that throws is shown with its message and stack.

    tests:
      - name: adds the site
        options: { site: berlin }
        event: { kind: login }
        expect: { event: { kind: login, site: berlin } }
      - name: filters health checks out
        event: { kind: health }
        expect: { fate: filtered }

The tests have the form of those of rules (docs/rules/testing.md), with the
options of the plugin in place of an input. An event that is text is taken, and
compared, as it is written. expect is a list where a step makes several events.

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
