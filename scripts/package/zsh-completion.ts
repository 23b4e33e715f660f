/** Completion for zsh, from the definition of the commands. */
import type { Option } from "commander";
import { allCommands, valueKind, type NamedCommand } from "./command-tree.ts";

export function zshCompletion(): string {
  const commands = allCommands();
  const functions = commands.map((each) => (each.below.length > 0 ? branch(each) : leaf(each)));
  return `#compdef tallyman
# zsh completion for tallyman

${functions.join("\n")}
_tallyman "$@"
`;
}

/** A command with commands below it: names one of them, then goes on there. */
function branch({ name, below, options, command }: NamedCommand): string {
  const names = below.map((each) => `    ${quoted(`${each.name()}:${each.description()}`)}`);
  const goes_on = command.commands.map(
    (each) => `        ${each.name()}) ${functionName(`${name} ${each.name()}`)} ;;`,
  );
  return `${functionName(name)}() {
  local curcontext=$curcontext state line
  local -a names=(
${names.join("\n")}
  )
  _arguments -C \\
${options.map(specOf).join("")}    '1:command:->name' \\
    '*::argument:->rest'
  case $state in
    name) _describe command names ;;
    rest)
      case $words[1] in
${goes_on.join("\n")}
      esac
      ;;
  esac
}
`;
}

function leaf({ name, options, command }: NamedCommand): string {
  const [argument] = command.registeredArguments;
  const rest = argument === undefined ? "" : `    '*:${argument.name()}:' \\\n`;
  return `${functionName(name)}() {
  _arguments \\
${options.map(specOf).join("")}${rest}    && return
}
`;
}

function functionName(name: string): string {
  return `_${name.replaceAll(" ", "_")}`;
}

function specOf(option: Option): string {
  const { short, long, description } = option;
  const flags = [short, long].filter((flag) => flag !== undefined);
  const what = `[${description.replaceAll(/[[\]:]/g, "\\$&")}]${values[valueKind(option)]}`;
  const excluded = flags.length > 1 ? `'(${flags.join(" ")})'{${flags.join(",")}}` : flags[0]!;
  return `    ${excluded}${quoted(what)} \\\n`;
}

const values = { none: "", file: ":file:_files", user: ":user:_users", other: ":value:" };

function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
