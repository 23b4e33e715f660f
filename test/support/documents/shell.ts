/** Takes a shell text apart into its commands, as far as documents need it, and asks bash about its syntax. */
import { spawnSync } from "node:child_process";

/** One command with its arguments, quotes taken away. */
export type Argv = readonly string[];

const separators = new Set(["|", "||", "&&", ";", "&", "\n", "(", ")"]);
/** Words of the shell that stand before a command. */
const prefixes = new Set(["if", "then", "else", "elif", "while", "until", "do", "!", "{", "time"]);
/** Words that are a command by themselves, or begin what is none, such as a loop. */
const others = new Set(["for", "done", "fi", "}", "case", "esac", "continue"]);

export function commandsIn(text: string): Argv[] {
  const commands: Argv[] = [];
  let words: string[] = [];
  for (const word of [...wordsOf(text), { text: "\n", quoted: false }]) {
    if (word.quoted || !separators.has(word.text)) {
      words.push(word.text);
      continue;
    }
    const command = commandOf(words);
    if (command.length > 0) commands.push(command);
    words = [];
  }
  return commands;
}

/** Without what the shell takes itself: redirections, settings of the environment, and its own words. */
function commandOf(words: readonly string[]): Argv {
  const left = [...words];
  while (left.length > 0 && (prefixes.has(left[0]!) || /^[A-Za-z_]\w*=/.test(left[0]!))) {
    left.shift();
  }
  if (left.length === 0 || others.has(left[0]!)) return [];
  return left.filter(
    (word, at) => !/^\d?[<>]/.test(word) && !/^\d?(?:<|>|>>)$/.test(left[at - 1] ?? ""),
  );
}

interface Word {
  text: string;
  /** Whether any of it was in quotes, so that it is no separator. */
  quoted: boolean;
}

function wordsOf(text: string): Word[] {
  const words: Word[] = [];
  let word: Word | undefined;
  const end = (): void => {
    if (word !== undefined) words.push(word);
    word = undefined;
  };
  const add = (more: string, quoted: boolean): void => {
    word = { text: (word?.text ?? "") + more, quoted: (word?.quoted ?? false) || quoted };
  };
  // Comments, quoted texts, continued lines, substitutions, separators, blanks, and any one character.
  const part =
    /(?<comment>(?<=^|\s)#.*)|'(?<single>[^']*)'|"(?<double>(?:[^"\\]|\\[^])*)"|(?<joined>\\\n)|\\(?<escaped>[^])|(?<substitution>\$\([^()]*\)|\$\{[^}]*\})|(?<separator>&&|\|\||[|;&\n()])|(?<blank>[ \t]+)|(?<character>[^])/gm;
  for (const { groups } of text.matchAll(part)) {
    const { comment, single, double, joined, escaped, substitution, separator } = groups!;
    if (comment !== undefined || joined !== undefined) continue;
    if (single !== undefined) add(single, true);
    else if (double !== undefined) add(double.replaceAll(/\\(["\\$`])/g, "$1"), true);
    else if (escaped !== undefined) add(escaped, true);
    else if (substitution !== undefined) add(substitution, true);
    else if (separator !== undefined) {
      end();
      words.push({ text: separator, quoted: false });
    } else if (groups!["blank"] !== undefined) end();
    else add(groups!["character"]!, false);
  }
  end();
  return words;
}

/** What bash says of the syntax of each text. One process is asked for all: there are many. */
export function complaintsOfBash(texts: readonly string[]): Map<string, string> {
  const script = `for text; do bash -n <<< "$text" 2>&1; printf '\\0'; done`;
  const { stdout } = spawnSync("bash", ["-c", script, "bash", ...texts], { encoding: "utf8" });
  const complaints = stdout.split("\0");
  return new Map(texts.map((text, number) => [text, complaints[number]!]));
}
