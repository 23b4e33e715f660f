/**
 * Secrets on command lines and in statements, where they stand as a word of their own: also as auditd logs the words of a
 * command (`a1="-p" a2="…"`), and between NULs.
 */
import { allBut, word } from "../contract/alphabet.ts";
import { anyCase, type Detector, type Found } from "../contract/detector.ts";
import type { Text } from "../contract/text.ts";
import { isKnownUseIn, isKnownWord } from "../known-uses/known-uses.ts";
import { isKeptValue } from "../keys/key-rule.ts";

/** Between two words of a command: blanks, a NUL, or what auditd writes. */
const gap = String.raw`["']?(?:[ \t]+|\0|\\0|\\u0000)(?:a\d{1,4}=)?["']?`;
const gap_only = new RegExp(gap, "y");
const password_option = new RegExp(`(?:${gap}-[a-oq-zA-Z]{1,4}){0,3}${gap}-p(?:${gap})?`, "y");
const user_option = new RegExp(`(?:=|${gap})["']?([^\\s:"'=]{1,64}):`, "y");

/** A word behind an option such as `--password`. */
function wordBehindOption(text: Text, _at: number, end: number): Found | undefined {
  const between = text.match(gap_only, end - 1);
  if (between === null) return undefined;
  const found = wordAt(text, end - 1 + between[0].length);
  if (found === undefined) return undefined;
  // In the log of a server, the name is the end of a path: `GET /forgot-password HTTP/1.1`.
  const isPath =
    isKnownWord(text.slice(found.start, found.end)) || isKnownUseIn(text, end - 1, found.end);
  return isPath ? undefined : found;
}

function wordAt(text: Text, start: number): Found | undefined {
  const stop = text.runEnd(start, word);
  if (stop === start || text.byte(start) === 0x2d) return undefined;
  return isKeptValue(text.slice(start, Math.min(stop, start + 129)))
    ? undefined
    : { start, end: stop };
}

function sshpass(text: Text, _at: number, end: number): Found | undefined {
  const option = text.match(password_option, end);
  return option === null ? undefined : wordAt(text, end + option[0].length);
}

/** How far behind `curl` its option is looked for. */
const command_length_max = 512;
const numeric = /^\d+$/;

/** `curl -u user:password`; without curl, `-u 1000:1000` is a user and a group. */
function passwordOfUser(text: Text, at: number, end: number): Found | undefined {
  const command = text.previous("curl", at);
  if (command < 0 || at - command > command_length_max) return undefined;
  const option = text.match(user_option, end);
  if (option === null) return undefined;
  const found = wordAt(text, end + option[0].length);
  if (found === undefined) return undefined;
  const is_group = numeric.test(option[1]!) && numeric.test(text.slice(found.start, found.end));
  return is_group ? undefined : found;
}

const single_quoted = allBut("'");
const [quote, dollar] = [0x27, 0x24];

/** `PASSWORD 'x'`, `IDENTIFIED BY 'x'`; a quote that is written twice stands for one. */
function literalOfStatement(text: Text, _at: number, end: number): Found | undefined {
  let stop = text.runEnd(end, single_quoted);
  while (text.byte(stop) === quote && text.byte(stop + 1) === quote) {
    stop = text.runEnd(stop + 2, single_quoted);
  }
  if (stop === end || isKeptValue(text.slice(end, Math.min(stop, end + 129)))) return undefined;
  return { start: end, end: stop };
}

function literalBetweenDollars(text: Text, _at: number, end: number): Found | undefined {
  if (text.byte(end - 1) !== dollar) return undefined;
  const stop = text.next("$$", end);
  return stop > end ? { start: end, end: stop } : undefined;
}

const option_names = ["password", "passwd", "passphrase", "token", "secret", "api-key", "pass"];
const option_ends = [" ", "\0", '"', "'"];

export const commands: readonly Detector[] = [
  {
    id: "command-line",
    group: "credentials",
    finds: "passwords on the command line: `--password`, `sshpass -p`, `curl -u`",
    example: "curl -u user:xxxxxxxx https://host",
    ways: [
      {
        anchors: anyCase(
          ...option_names.flatMap((name) => option_ends.map((end) => `-${name}${end}`)),
        ),
        look: wordBehindOption,
      },
      { anchors: anyCase("sshpass"), look: sshpass },
      { anchors: anyCase("--user", " -u ", '"-u"', "'-u'", "\0-u\0"), look: passwordOfUserOption },
    ],
  },
  {
    id: "sql-password",
    group: "credentials",
    finds: "the passwords of database users in SQL statements",
    example: "ALTER ROLE app PASSWORD 'xxxxxxxx'",
    ways: [
      {
        anchors: anyCase("password '", "password e'", "password  '", "identified by '"),
        look: literalOfStatement,
      },
      { anchors: anyCase("password $$"), look: literalBetweenDollars },
    ],
  },
];

/** The gap behind the option may be part of the anchor. */
function passwordOfUserOption(text: Text, at: number, end: number): Found | undefined {
  const is_long = text.byte(at) === 0x2d;
  return passwordOfUser(text, at, is_long ? end : end - 1);
}
