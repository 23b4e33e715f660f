/** `tallyman proof`: the commands for the keys that seals are signed with. */
import { Command } from "commander";
import { initCommand } from "./proof/init.ts";

const help = `
With \`proof: { enabled: true }\` every event has a number, and signed seals say
which numbers there are. \`tallyman verify\` compares an export with them.
docs/proof.md explains what is proven, and what is not.

Examples:
  $ tallyman proof init -c /etc/tallyman/config.yaml`;

export function proofCommand(): Command {
  return new Command("proof")
    .description("make the keys that prove that nothing is missing")
    .addHelpText("after", help)
    .addCommand(initCommand());
}
