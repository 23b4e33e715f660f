/** `tallyman init`, as its help shows it. */
import { Argument, Command, Option } from "commander";
import type { init } from "../init/init.ts";
import { kind_names } from "../init/kind-names.ts";
import { colorOption } from "../terminal/color-option.ts";

const help = `
It finds the logs in their usual places (\`file\` is any other log; give --path),
examines them as \`scan\` does, writes a configuration with comments, and runs
\`check\` and \`doctor\` on it.
Without --yes, it asks for everything that no option gives.

The token for Splunk goes into a separate file that only its owner may read:
where the systemd unit loads it from, or else beside the configuration. Pass it
in a file or on standard input, so that no process list shows it.

WEKA and MinIO post their events: without --path, and if there are no log files,
tallyman listens for them. \`init\` generates a token for them and stores it in a
file.

No file is overwritten without --force, except the package's own unchanged
configuration. Ctrl-C leaves everything as it was.

Exit status: 0 when the configuration is written and valid, whatever \`doctor\`
finds; 1 when it is not; 2 when the command line is invalid; 130 after Ctrl-C.

Examples:
  $ tallyman init
  $ tallyman init weka --listen 192.0.2.10:8088
  $ tallyman init auditd --yes --url https://splunk:8088 --token-file token
  $ echo "$TOKEN" | tallyman init nginx --yes --url https://s:8088 --token-stdin
  $ tallyman init file --path '/srv/app/audit*.log' --output app.yaml`;

export function initCommand(): Command {
  return new Command("init")
    .description("write a first configuration, by asking or by options")
    .addArgument(kind())
    .option("-y, --yes", "ask nothing; use what is found for options not given")
    .option(
      "--path <path>",
      "follow these files: a path, or a glob in quotes; may be repeated",
      more,
    )
    .option("--listen <address>", "receive events over HTTP here, such as 127.0.0.1:8088")
    .option("--url <url>", "the address of Splunk's HTTP Event Collector")
    .option("--token-file <file>", "a file with the token for Splunk")
    .option("--token-stdin", "read the token for Splunk from standard input")
    .addOption(refusedToken())
    .option("--index <index>", "the index in Splunk (default: the token's)")
    .option("--sourcetype <type>", "the sourcetype in Splunk (default: that of the kind)")
    .option(
      "-o, --output <file>",
      "the configuration (default: that of the service, or ./config.yaml)",
    )
    .option("--force", "overwrite files")
    .option("--no-send", "do not send test events to Splunk")
    .addOption(colorOption())
    .addHelpText("after", help)
    .action(async (...given: Parameters<typeof init>) =>
      (await import("../init/init.ts")).init(...given),
    );
}

/** Many try it, and only an option that is known is answered with why it is refused. */
function refusedToken(): Option {
  return new Option("--token <token>", "is refused: see --token-file").hideHelp();
}

/** A wrong one is answered by the command itself, which says what may have been meant. */
function kind(): Argument {
  const argument = new Argument("[kind]", "the kind of logs").choices(kind_names);
  return argument.argParser((given: string) => given);
}

function more(path: string, before: readonly string[] = []): readonly string[] {
  return [...before, path];
}
