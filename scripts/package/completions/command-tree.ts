/** All commands and options of tallyman's own definition, as the manual page and the completions show them. */
import type { Command, Option } from "commander";
import { tallymanCommand } from "../../../src/cli/program.ts";

export interface NamedCommand {
  /** As it is called: `tallyman quarantine list`. */
  name: string;
  command: Command;
  /** The commands below it, with those of commander itself. */
  below: readonly Command[];
  /** Its options, with those of commander itself. */
  options: readonly Option[];
}

/** The program, and all that is below it, each before what is below it. */
export function allCommands(): NamedCommand[] {
  return withBelow(tallymanCommand(), "tallyman");
}

function withBelow(command: Command, name: string): NamedCommand[] {
  const help = command.createHelp();
  const [below, options] = [help.visibleCommands(command), help.visibleOptions(command)];
  return [
    { name, command, below, options },
    ...command.commands.flatMap((each) => withBelow(each, `${name} ${each.name()}`)),
  ];
}

/** What `--help` prints. */
export function helpOf(command: Command): string {
  let text = "";
  command.configureOutput({ writeOut: (part) => (text += part) });
  command.outputHelp();
  return text;
}

/** What its help says below the options: prose, and the examples. */
export function moreOf(command: Command): { paragraphs: string[]; examples: string[] } {
  const more = helpOf(command).slice(command.helpInformation().length).trim();
  const [prose = "", examples = ""] = more.split(/^Examples:$/m);
  const lines = examples.split("\n").map((line) => line.trim().replace(/^\$ /, ""));
  return {
    paragraphs: prose.trim().split("\n\n"),
    examples: lines.filter((line) => line !== ""),
  };
}

/** What the value of an option or an argument is, which says how a shell completes it. */
export type ValueKind = "none" | "file" | "directory" | "user" | "choice" | "other";

export function valueKind(option: Option): ValueKind {
  if (!option.required && !option.optional) return "none";
  if (option.argChoices !== undefined) return "choice";
  const [, name = ""] = /[<[]([^>\]]+)/.exec(option.flags) ?? [];
  return name === "user" ? "user" : kindByName(name);
}

/** Of the words that stand alone; commands here take one kind of them. */
export function argumentKind(command: Command): ValueKind {
  const [argument] = command.registeredArguments;
  if (argument === undefined) return "none";
  return argument.argChoices === undefined ? kindByName(argument.name()) : "choice";
}

/** What a command's first argument can be; none where that is not a choice. */
export function argumentChoices(command: Command): readonly string[] {
  return command.registeredArguments[0]?.argChoices ?? [];
}

function kindByName(name: string): ValueKind {
  if (name === "directory") return "directory";
  return /^(file|path|socket|log)$/.test(name) ? "file" : "other";
}
