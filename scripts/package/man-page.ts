/** tallyman(1), from the definition of the commands. */
import type { Argument } from "commander";
import { allCommands, moreOf, type NamedCommand } from "./completions/command-tree.ts";
import { entry, exampleBlock, roff } from "./roff.ts";

/** The page as roff. `date` is YYYY-MM-DD. */
export function manPage(version: string, date: string): string {
  const [program, ...commands] = allCommands();
  const { paragraphs, examples } = moreOf(program!.command);
  const lines = [
    `.TH TALLYMAN 1 "${date}" "tallyman ${version}" "User Commands"`,
    ".SH NAME",
    roff("tallyman - ship audit logs to Splunk"),
    ".SH SYNOPSIS",
    ...commands.filter(({ below }) => below.length === 0).flatMap(synopsisOf),
    ".SH DESCRIPTION",
    roff(program!.command.description()),
    ...paragraphs.flatMap((each) => [".PP", roff(each)]),
    ".SH OPTIONS",
    ...optionsOf(program!),
    ".SH COMMANDS",
    ...commands.flatMap(sectionOf),
    ".SH EXAMPLES",
    ...exampleBlock(examples),
    ".SH FILES",
    ...files.flatMap(([path, what]) => [".TP", `.I ${roff(path)}`, roff(what)]),
    ".SH SEE ALSO",
    ".BR tallyman.yaml (5),",
    ".BR systemctl (1),",
    ".BR journalctl (1)",
    ".PP",
    roff("The full documentation is in /usr/share/doc/tallyman."),
  ];
  return `${lines.join("\n")}\n`;
}

const files: readonly [string, string][] = [
  [
    "/etc/tallyman/config.yaml",
    "The configuration of tallyman.service; tallyman.yaml(5) has its options.",
  ],
  [
    "/etc/tallyman/splunk_token",
    "The HEC token, readable by root only; systemd passes it to tallyman.",
  ],
  ["/var/lib/tallyman", "Checkpoints, books, journals and quarantine of tallyman.service."],
  [
    "~/.local/state/tallyman",
    "The same of an agent that a user runs, in XDG_STATE_HOME if that is set.",
  ],
];

function synopsisOf({ name, command }: NamedCommand): string[] {
  return [`.B ${roff(name)}`, roff(command.usage()), ".br"];
}

function sectionOf(named: NamedCommand): string[] {
  const { name, command } = named;
  const { paragraphs, examples } = moreOf(command);
  const description = command.description();
  return [
    `.SS "${roff(name)}"`,
    roff(`${description[0]!.toUpperCase()}${description.slice(1)}.`),
    ...command.registeredArguments.flatMap((each) => entry(shown(each), each.description)),
    ...optionsOf(named),
    ...paragraphs.flatMap((each) => [".PP", roff(each)]),
    ".PP",
    ...exampleBlock(examples),
  ];
}

function optionsOf({ options }: NamedCommand): string[] {
  return options.flatMap(({ flags, description }) => entry(flags, description));
}

function shown(argument: Argument): string {
  const name = `${argument.name()}${argument.variadic ? "..." : ""}`;
  return argument.required ? `<${name}>` : `[${name}]`;
}
