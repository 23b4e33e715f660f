/** Completion for zsh, from the definition of the commands. */
import type { Option } from "commander";
import {
  allCommands,
  argumentChoices,
  argumentKind,
  valueKind,
  type NamedCommand,
  type ValueKind,
} from "./command-tree.ts";

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
  const rest =
    argument === undefined
      ? ""
      : `    ${quoted(`${argument.variadic ? "*" : "1"}:${argument.name()}:${actionOf(argumentKind(command), argumentChoices(command))}`)} \\\n`;
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
  const what = `[${description.replaceAll(/[[\]:]/g, "\\$&")}]${valueOf(option)}`;
  const excluded = flags.length > 1 ? `'(${flags.join(" ")})'{${flags.join(",")}}` : flags[0]!;
  return `    ${excluded}${quoted(what)} \\\n`;
}

function valueOf(option: Option): string {
  const kind = valueKind(option);
  if (kind === "none") return "";
  return `:${kind === "choice" || kind === "other" ? "value" : kind}:${actionOf(kind, option.argChoices)}`;
}

/** What zsh does to complete a value of this kind. */
function actionOf(kind: ValueKind, choices: readonly string[] = []): string {
  if (kind === "choice") return `(${choices.join(" ")})`;
  return kind === "none" ? "" : actions[kind];
}

const actions = { file: "_files", directory: "_files -/", user: "_users", other: "" };

function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
