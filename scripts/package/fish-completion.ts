/** Completion for fish, from the definition of the commands. */
import { allCommands, valueKind, type NamedCommand } from "./command-tree.ts";

export function fishCompletion(): string {
  const lines = allCommands().flatMap((each) => [...namesBelow(each), ...optionsOf(each)]);
  return `# fish completion for tallyman\ncomplete -c tallyman -f\n${lines.join("\n")}\n`;
}

function namesBelow(named: NamedCommand): string[] {
  return named.below.map((each) => {
    const description = quoted(each.description());
    return `complete -c tallyman -n ${conditionOf(named)} -a ${each.name()} -d ${description}`;
  });
}

function optionsOf(named: NamedCommand): string[] {
  return named.options.map((option) => {
    const { short, long, description } = option;
    const flags = [short && `-s ${short.slice(1)}`, long && `-l ${long.slice(2)}`].filter(Boolean);
    const value = values[valueKind(option)];
    return (
      `complete -c tallyman -n ${conditionOf(named)} ${flags.join(" ")}${value} ` +
      `-d ${quoted(description)}`
    );
  });
}

const values = { none: "", file: " -r -F", user: " -x -a '(__fish_complete_users)'", other: " -x" };

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
