/**
 * The commands put together, and the one place that turns an error into a message and an exit status.
 */
import { Command, CommanderError } from "commander";
import { errorCodes, TallymanError } from "../platform/errors.ts";
import { emptyCoreDumps } from "../platform/process/core-dump.ts";
import { printableLines } from "../platform/text/printable.ts";
import { inSource } from "../platform/source-positions.ts";
import { checkCommand } from "./commands/check.ts";
import { demoCommand } from "./commands/demo.ts";
import { doctorCommand } from "./commands/doctor.ts";
import { fleetCommand } from "./commands/fleet/fleet.ts";
import { initCommand } from "./commands/init.ts";
import { pluginCommand } from "./commands/plugin.ts";
import { proofCommand } from "./commands/proof.ts";
import { quarantineCommand } from "./commands/quarantine.ts";
import { reloadCommand } from "./commands/reload.ts";
import { runCommand } from "./commands/run.ts";
import { scanCommand } from "./commands/scan.ts";
import { statusCommand } from "./commands/status.ts";
import { tapCommand } from "./commands/tap.ts";
import { testCommand } from "./commands/test.ts";
import { topCommand } from "./commands/top.ts";
import { tryCommand } from "./commands/try.ts";
import { verifyCommand } from "./commands/proof/verify.ts";
import { endCommand, ending, guardEnding } from "./process/ending.ts";
import { closeInspector } from "./process/inspector.ts";
import { version } from "../platform/version.ts";

const description =
  "Ships audit logs to Splunk: every event counted, every secret masked, every byte kept.";

const help = `
\`init\` writes a first configuration (config.example.yaml shows every option):
check it, then run it. \`status\` shows how the running agent is doing, \`top\`
shows it live, \`tap\` shows events pass, \`reload\` applies a changed
configuration. If no events arrive, \`doctor\` finds out why. \`demo\` needs no
set-up.

Without -c FILE a command takes the configuration that TALLYMAN_CONFIG names,
then ./config.yaml, then /etc/tallyman/config.yaml.

Exit status: 0 when all is well; 1 after an error, which is printed to standard
error; 2 when the command line is invalid; 3 when \`status\` or \`try\` finds a
problem; 70 after an internal error. The help of each command has the details.

Examples:
  $ tallyman init
  $ tallyman check config.yaml
  $ tallyman try -c config.yaml /var/log/audit.log
  $ tallyman run config.yaml
  $ tallyman status
  $ tallyman top
  $ tallyman doctor
  $ tallyman demo`;

/** All commands and options, as the help, the manual page and the completions of shells show them. */
export function tallymanCommand(): Command {
  const program = new Command("tallyman");
  program
    .description(description)
    .version(version, "-V, --version", "print the version")
    .helpOption("-h, --help", "show this help")
    .helpCommand("help [command]", "show the help of a command")
    .addHelpText("after", help)
    .configureHelp({ helpWidth: 80 })
    // It quotes what it did not understand.
    .configureOutput({ writeErr: (text) => void process.stderr.write(printableLines(text)) })
    .exitOverride()
    .showHelpAfterError(whereToLook(program));
  for (const command of [
    initCommand(),
    runCommand(),
    checkCommand(),
    tryCommand(),
    testCommand(),
    statusCommand(),
    topCommand(),
    tapCommand(),
    reloadCommand(),
    doctorCommand(),
    scanCommand(),
    quarantineCommand(),
    pluginCommand(),
    proofCommand(),
    verifyCommand(),
    fleetCommand(),
    demoCommand(),
  ]) {
    program.addCommand(command);
    inheritSettings(command, program);
  }
  return program;
}

/** Runs the command that the arguments name, and ends the process with its status. */
export async function runProgram(argv: readonly string[]): Promise<void> {
  guardEnding();
  emptyCoreDumps();
  await closeInspector();
  // A reader that has read enough (`tallyman check … | head`) is no error of ours.
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => undefined);
  await runCommandLine(argv);
  await endCommand();
}

/** Runs the command that the arguments name; `ending` has its status then. */
export async function runCommandLine(argv: readonly string[]): Promise<void> {
  try {
    await tallymanCommand().parseAsync(argv);
  } catch (thrown) {
    ending.status = await report(thrown);
  }
}

function inheritSettings(command: Command, parent: Command): void {
  command.exitOverride().copyInheritedSettings(parent).showHelpAfterError(whereToLook(command));
  for (const each of command.commands) inheritSettings(each, command);
}

/** What comes after a command line that is not understood. */
function whereToLook(command: Command): string {
  const names: string[] = [];
  for (let each: Command | null = command; each !== null; each = each.parent)
    names.unshift(each.name());
  return `(\`${names.join(" ")} --help\` shows how it is used)`;
}

async function report(thrown: unknown): Promise<number> {
  if (thrown instanceof CommanderError) {
    // Commander has printed its message; help and version come here, too, with status 0.
    return thrown.exitCode === 0 ? 0 : errorCodes.usage.exit;
  }
  if (!(thrown instanceof TallymanError)) {
    // Node prints it.
    if (thrown instanceof Error) thrown.stack = inSource(String(thrown.stack));
    throw thrown;
  }
  const { errorLines } = await import("./terminal/error-lines.ts");
  const { clearProgress } = await import("./terminal/progress.ts");
  const { columnsOf } = await import("./terminal/drawing/paragraph.ts");
  clearProgress();
  const columns = columnsOf(process.stderr);
  for (const line of errorLines(thrown, columns)) process.stderr.write(`${line}\n`);
  return errorCodes[thrown.code].exit;
}
