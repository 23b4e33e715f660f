/** Completion for bash, from the definition of the commands. */
import {
  allCommands,
  argumentChoices,
  argumentKind,
  valueKind,
  type NamedCommand,
} from "./command-tree.ts";

export function bashCompletion(): string {
  const commands = allCommands();
  const cases = commands.flatMap((each) => [wordsOf(each), ...wordsBehindChoice(each)]);
  return `# bash completion for tallyman
_tallyman() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD - 1]} command=tallyman words= options= paths= i
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "$command \${COMP_WORDS[i]}" in
      ${followed(commands)
        .map((name) => `"${name}"`)
        .join(" | ")})
        command="$command \${COMP_WORDS[i]}" ;;
    esac
  done
  # --option=value are three words here.
  if [ "$cur" = = ]; then
    cur=
  elif [ "$prev" = = ]; then
    prev=\${COMP_WORDS[COMP_CWORD - 2]}
  fi
  case "$command $prev" in
${commands.flatMap(choicesOf).join("")}  esac
  case $prev in
${valueCases(commands)}  esac
  case $command in
${cases.join("")}  esac
  if [[ -z $words && -z $paths || $cur == -* ]]; then
    words+=" $options"
  fi
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
  if [[ -n $paths && $cur != -* ]]; then
    compopt -o filenames
    mapfile -t COMPREPLY < <(compgen "$paths" -- "$cur")
  fi
}
complete -F _tallyman tallyman
`;
}

/** What is followed word by word: commands, and the choice that one is given. */
function followed(commands: readonly NamedCommand[]): string[] {
  return commands
    .slice(1)
    .flatMap(({ name, command }) => [
      name,
      ...argumentChoices(command).map((choice) => `${name} ${choice}`),
    ]);
}

/** The values of options that are choices. */
function choicesOf({ name, command, options }: NamedCommand): string[] {
  const names = [name, ...argumentChoices(command).map((choice) => `${name} ${choice}`)];
  return options.flatMap((option) => {
    if (valueKind(option) !== "choice") return [];
    const flags = [option.short, option.long].filter((flag) => flag !== undefined);
    const patterns = names.flatMap((each) => flags.map((flag) => `"${each} ${flag}"`));
    return [
      `    ${patterns.join(" | ")})\n      ${compgen(`-W "${option.argChoices!.join(" ")}"`)}\n      return ;;\n`,
    ];
  });
}

function valueCases(commands: readonly NamedCommand[]): string {
  const options = commands.flatMap((each) => each.options);
  const cases = Object.entries(completions).map(([kind, completion]) => {
    const flags = options
      .filter((option) => valueKind(option) === kind)
      .flatMap(({ short, long }) => [short, long].filter((flag) => flag !== undefined));
    if (flags.length === 0) return "";
    return `    ${[...new Set(flags)].join(" | ")})\n      ${completion}\n      return ;;\n`;
  });
  return cases.join("");
}

function wordsOf({ name, command, below, options }: NamedCommand): string {
  const words = [...below.map((each) => each.name()), ...argumentChoices(command)];
  const kind = argumentKind(command);
  const paths = kind === "file" ? " paths=-f" : kind === "directory" ? " paths=-d" : "";
  return `    "${name}") words="${words.join(" ")}" options="${flagsIn(options)}"${paths} ;;\n`;
}

/** Once the choice is made, only options can follow. */
function wordsBehindChoice({ name, command, options }: NamedCommand): string[] {
  const choices = argumentChoices(command);
  if (choices.length === 0) return [];
  const patterns = choices.map((choice) => `"${name} ${choice}"`).join(" | ");
  return [`    ${patterns}) options="${flagsIn(options)}" ;;\n`];
}

function flagsIn(options: NamedCommand["options"]): string {
  return options.map(({ long }) => long!).join(" ");
}

function compgen(what: string): string {
  return `mapfile -t COMPREPLY < <(compgen ${what} -- "$cur")`;
}

const completions = {
  file: `compopt -o filenames\n      ${compgen("-f")}`,
  directory: `compopt -o filenames\n      ${compgen("-d")}`,
  user: compgen("-u"),
  other: ":",
};
