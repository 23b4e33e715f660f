/**
 * Keys from a terminal in raw mode: characters, and the sequences that arrows and their like send. A sequence may come in
 * several pieces; an ESC with nothing behind it is the key itself.
 */
import type { Clock, Timer } from "../../../platform/clock.ts";

/** Named as on the keyboard, or the character itself. */
export type Key =
  | "up"
  | "down"
  | "left"
  | "right"
  | "page up"
  | "page down"
  | "home"
  | "end"
  | "tab"
  | "back tab"
  | "enter"
  | "escape"
  | "ctrl-c"
  | (string & {});

/** How long what follows an ESC may take. */
const sequence_ms_max = 50;
/** No sequence of a terminal is longer; what is, is none. */
const sequence_length_max = 32;

const escape = "\u001b";
const sequences: Readonly<Record<string, Key>> = {
  "[A": "up",
  "[B": "down",
  "[C": "right",
  "[D": "left",
  OA: "up",
  OB: "down",
  OC: "right",
  OD: "left",
  "[5~": "page up",
  "[6~": "page down",
  "[H": "home",
  "[F": "end",
  OH: "home",
  OF: "end",
  "[1~": "home",
  "[4~": "end",
  "[Z": "back tab",
};
const controls: Readonly<Record<string, Key>> = {
  "\t": "tab",
  "\r": "enter",
  "\n": "enter",
  "\u0003": "ctrl-c",
};

export class Keyboard {
  readonly #clock: Clock;
  readonly #press: (key: Key) => void;
  #held = "";
  #timer: Timer | undefined;

  constructor(clock: Clock, press: (key: Key) => void) {
    this.#clock = clock;
    this.#press = press;
  }

  /** Takes what the terminal has sent. */
  take(text: string): void {
    this.#timer?.cancel();
    let left = this.#held + text;
    this.#held = "";
    while (left !== "") {
      const length = this.#takeOne(left);
      if (length === 0) {
        this.#hold(left);
        return;
      }
      left = left.slice(length);
    }
  }

  /** How many characters of the text were a key, or nothing that is known; 0 where the rest is still to come. */
  #takeOne(text: string): number {
    const character = String.fromCodePoint(text.codePointAt(0)!);
    if (character !== escape) {
      const key = controls[character] ?? character;
      if (key.length > 1 || key >= " ") this.#press(key);
      return character.length;
    }
    // CSI: parameters up to a letter or `~`; SS3: one letter.
    const found = /^(\[[0-9;?<]*[A-Za-z~]|O[A-Za-z])/.exec(text.slice(1));
    if (found !== null) {
      const key = sequences[found[1]!];
      if (key !== undefined) this.#press(key);
      return 1 + found[0].length;
    }
    const may_go_on = /^(?:\[[0-9;?<]*|O)?$/.test(text.slice(1));
    if (may_go_on && text.length < sequence_length_max) return 0;
    this.#press("escape");
    return 1;
  }

  #hold(text: string): void {
    this.#held = text;
    this.#timer = this.#clock.after(sequence_ms_max, () => {
      this.#held = "";
      if (text === escape) this.#press("escape");
    });
  }
}
