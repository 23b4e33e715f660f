/** Completion for fish, from the definition of the commands. */
import type { Option } from "commander";
import {
  allCommands,
  argumentChoices,
  argumentKind,
  valueKind,
  type NamedCommand,
} from "./command-tree.ts";

export function fishCompletion(): string {
  const lines = allCommands().flatMap((each) => [
    ...namesBelow(each),
    ...argumentsOf(each),
    ...optionsOf(each),
  ]);
  return `# fish completion for tallyman\ncomplete -c tallyman -f\n${lines.join("\n")}\n`;
}

function namesBelow(named: NamedCommand): string[] {
  return named.below.map((each) => {
    const description = quoted(each.description());
    return `complete -c tallyman -n ${conditionOf(named)} -a ${each.name()} -d ${description}`;
  });
}

function argumentsOf(named: NamedCommand): string[] {
  const condition = conditionOf(named);
  const kind = argumentKind(named.command);
  if (kind === "file") return [`complete -c tallyman -n ${condition} -F`];
  if (kind === "directory")
    return [`complete -c tallyman -n ${condition} -a '(__fish_complete_directories)'`];
  const choices = argumentChoices(named.command).join(" ");
  if (choices === "") return [];
  const not_yet = `${condition.slice(0, -1)}; and not __fish_seen_subcommand_from ${choices}'`;
  return [`complete -c tallyman -n ${not_yet} -a ${quoted(choices)}`];
}

function optionsOf(named: NamedCommand): string[] {
  return named.options.map((option) => {
    const { short, long, description } = option;
    const flags = [short && `-s ${short.slice(1)}`, long && `-l ${long.slice(2)}`].filter(Boolean);
    return (
      `complete -c tallyman -n ${conditionOf(named)} ${flags.join(" ")}${valueOf(option)} ` +
      `-d ${quoted(description)}`
    );
  });
}

function valueOf(option: Option): string {
  const kind = valueKind(option);
  return kind === "choice" ? ` -x -a ${quoted(option.argChoices!.join(" "))}` : values[kind];
}

const values = {
  none: "",
  file: " -r -F",
  directory: " -x -a '(__fish_complete_directories)'",
  user: " -x -a '(__fish_complete_users)'",
  other: " -x",
};

/** True where the words so far name this command, and none below it. */
function conditionOf({ name, below }: NamedCommand): string {
  const [, ...words] = name.split(" ");
  const seen = words.map((word) => `__fish_seen_subcommand_from ${word}`);
  const names = below.map((each) => each.name()).join(" ");
  const not_below = below.length > 0 ? [`not __fish_seen_subcommand_from ${names}`] : [];
  return quoted([...seen, ...not_below].join("; and "));
}

function quoted(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", String.raw`\'`)}'`;
}
