/** `tallyman proof init`, as its help shows it. */
import { Command } from "commander";
import { addConfiguration } from "../../configuration/option.ts";
import type { proofInit } from "../../proof/init.ts";

const help = `
It makes a root key, has it certify the first key that signs seals, and prints
the root's fingerprint. Hand that to the auditor, and keep it somewhere else:
\`tallyman verify\` trusts nothing but it. Each key signs for a day, certifies the
next, and is overwritten then.

The root's private key is not needed again, and is not kept, unless --keep-root
names a file for it. With that file, --renew certifies a new key when the others
are lost, and the fingerprint stays the same. Keep it away from this machine.

Exit status: 0 when the keys are written; 1 when there are keys already, or they
cannot be written; 2 when the command line is invalid.

Examples:
  $ tallyman proof init -c /etc/tallyman/config.yaml
  $ tallyman proof init -c config.yaml --keep-root /media/usb/root.json
  $ tallyman proof init -c config.yaml --renew /media/usb/root.json`;

export function initCommand(): Command {
  return addConfiguration(
    new Command("init").description("make the keys, and print the root's fingerprint"),
  )
    .option("--keep-root <file>", "write the root's private key to a file, too")
    .option("--renew <file>", "certify a new key with a root that was kept")
    .option("--force", "replace keys that are there")
    .option("--json", "print the fingerprint as JSON")
    .addHelpText("after", help)
    .action(async (...given: Parameters<typeof proofInit>) =>
      (await import("../../proof/init.ts")).proofInit(...given),
    );
}
