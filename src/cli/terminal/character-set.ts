/** Whether text on this terminal may have more than ASCII in it, and what to write where it may not. */
import type { WriteStream } from "node:tty";

/** What a library draws with although it should not. */
const replacements: Readonly<Record<string, string>> = {
  "↑": "up",
  "↓": "down",
  "←": "left",
  "→": "right",
  "•": "-",
  "—": "-",
  "…": "...",
  "█": "_",
};

/** What the locale says, as for any other program. */
export function isUnicode(environment: NodeJS.ProcessEnv): boolean {
  const { LC_ALL, LC_CTYPE, LANG } = environment;
  const locale = [LC_ALL, LC_CTYPE, LANG].find((each) => each !== undefined && each !== "") ?? "";
  return /utf-?8/i.test(locale);
}

/** The same terminal, for who draws: signs become words. */
export function asciiOutput(terminal: WriteStream): WriteStream {
  const write = (text: string): boolean =>
    terminal.write(text.replaceAll(/[↑↓←→•—…█]/g, (sign) => replacements[sign]!));
  return new Proxy(terminal, {
    get(target, name) {
      if (name === "write") return write;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}
