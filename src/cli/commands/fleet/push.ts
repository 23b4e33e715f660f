/** `tallyman fleet push`, as its help shows it. */
import { Command } from "commander";
import { addConfiguration } from "../../configuration/option.ts";
import type { fleetPush } from "../../fleet/push.ts";

const help = `
FILE has what agents of the group take: \`inputs\`, \`chain\`, \`tests\`, and what
else \`fleet.takes\` of their own files names. It is laid over CONFIG, which is a
file such as the agents have, and checked as \`tallyman check\` does, tests of
rules included. Then the difference to what is in the bucket is shown, and after
a yes it is signed and put there. Agents take it within a moment, or refuse it
and say why: see \`tallyman fleet status\`.

Plugins are not pushed, and \`\${file:...}\` is refused in FILE. Everybody in the
group can read it: write secrets as \`\${credential:...}\` or \`\${env:...}\`.

Exit status: 0 when it is pushed, or there already; 1 when it is not valid, or
NATS does not take it; 2 when the command line is invalid, or nobody said yes.

Examples:
  $ tallyman fleet push web.yaml -c config.yaml --key ~/ops.key
  $ tallyman fleet push db.yaml -c config.yaml --key ~/ops.key --group db --yes
  $ tallyman fleet push web.yaml -c config.yaml --key ~/ops.key --dry-run`;

export function fleetPushCommand(): Command {
  return addConfiguration(
    new Command("push")
      .description("check, sign and push the configuration of a group")
      .argument("<file>", "what the agents of the group take"),
  )
    .requiredOption("--key <file>", "the key that `tallyman fleet key` has made")
    .option("--group <name>", "the group (default: that of the configuration)")
    .option("--yes", "do not ask")
    .option("--dry-run", "check it and show what changes, and push nothing")
    .addHelpText("after", help)
    .action(async (...given: Parameters<typeof fleetPush>) =>
      (await import("../../fleet/push.ts")).fleetPush(...given),
    );
}
