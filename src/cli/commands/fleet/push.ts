/** `tallyman fleet push`, as its help shows it. */
import { Command } from "commander";
import { addConfiguration } from "../../configuration/option.ts";
import type { fleetPush } from "../../fleet/push.ts";

const help = `
FILE has the sections that agents of the group take: \`inputs\`, \`chain\`, \`tests\`,
and others that \`fleet.takes\` in their own files allows. The command combines it
with the configuration given by -c, which must be like the agents' own file, and
checks the result as \`tallyman check\` does, including tests of rules. Then it
shows what changes, asks, signs FILE and puts it into the bucket. Agents take it
within a moment, or refuse it and say why: see \`tallyman fleet status\`.

Plugins are not pushed, and \`\${file:...}\` is refused in FILE. Everybody in the
group can read it: write secrets as \`\${credential:...}\` or \`\${env:...}\`.
These go only to servers that the agents' own files name, or list in
\`fleet.secrets_to\`; and files that FILE names have to be in \`fleet.paths\`.

Exit status: 0 when it is pushed, or already in the bucket; 1 when it is not
valid, or NATS refuses it; 2 when the command line is invalid, or the answer to
the question was not yes.

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
