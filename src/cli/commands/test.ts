/** `tallyman test`, as its help shows it. */
import { Command } from "commander";
import { addConfigurationAsArgument } from "../configuration/option.ts";
import type { testRules } from "../test/test.ts";

const help = `
The tests are under \`tests:\` in the configuration, or in files beside it:
config.test.yaml and config.NAME.test.yaml for config.yaml. Each has an event
and the expected result:

  tests:
    - name: the signature stays here
      event: { requestHeader: { Authorization: "AWS4 Signature=abc" } }
      expect: { contains: { requestHeader: { Authorization: "[REDACTED]" } } }
    - name: successful HEAD requests are not sent
      event: { api: { name: HeadObject, statusCode: 200 } }
      expect: { fate: filtered }

\`tallyman check\` runs them, too. In what is printed, secrets of the events are
short tags; --reveal shows them.

Exit status: 0 when all tests pass; 1 when one fails, there is none, or the
configuration is not valid; 2 when the command line is invalid.

Examples:
  $ tallyman test -c /etc/tallyman/config.yaml
  $ tallyman test -c config.yaml --json | jq '.tests[] | select(.passed | not)'`;

export function testCommand(): Command {
  return addConfigurationAsArgument(
    new Command("test").description("run the tests of the rules in a configuration"),
  )
    .option("--json", "print the results as JSON")
    .option("--reveal", "show secrets as they are")
    .addHelpText("after", help)
    .action(async (_file, ...given: Parameters<typeof testRules>) =>
      (await import("../test/test.ts")).testRules(...given),
    );
}
