/** Completion for bash, from the definition of the commands. */
import { allCommands, valueKind } from "./command-tree.ts";

export function bashCompletion(): string {
  const commands = allCommands();
  const options = commands.flatMap((each) => each.options);
  const flagsOf = (kind: ReturnType<typeof valueKind>): string[] => [
    ...new Set(
      options
        .filter((option) => valueKind(option) === kind)
        .flatMap(({ short, long }) => [short, long].filter((flag) => flag !== undefined)),
    ),
  ];
  const valued = (["file", "user", "other"] as const).filter((kind) => flagsOf(kind).length > 0);
  return `# bash completion for tallyman
_tallyman() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD - 1]} command=tallyman words i
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "$command \${COMP_WORDS[i]}" in
      ${commands
        .slice(1)
        .map(({ name }) => `"${name}"`)
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
  case $prev in
${valued.map((kind) => `    ${flagsOf(kind).join(" | ")})\n      ${completions[kind]}\n      return ;;\n`).join("")}  esac
  case $command in
${commands
  .map(({ name, below, options: own }) => {
    const words = [...below.map((each) => each.name()), ...own.map(({ long }) => long!)];
    return `    "${name}") words="${words.join(" ")}" ;;\n`;
  })
  .join("")}  esac
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
}
complete -F _tallyman tallyman
`;
}

const completions = {
  file: `compopt -o filenames\n      mapfile -t COMPREPLY < <(compgen -f -- "$cur")`,
  user: `mapfile -t COMPREPLY < <(compgen -u -- "$cur")`,
  other: ":",
};
