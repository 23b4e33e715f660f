/** Text with a terminal's escape sequences for colours, as runs of characters that look the same. */

/** How a run looks: the names of colours are those of the picture's style sheet. */
export interface Style {
  readonly colour: string | undefined;
  readonly ground: string | undefined;
  readonly is_bold: boolean;
  readonly is_dim: boolean;
  readonly is_underlined: boolean;
  readonly is_inverse: boolean;
}

export interface Run {
  /** Where it begins. */
  readonly column: number;
  readonly text: string;
  readonly style: Style;
}

const plain: Style = {
  colour: undefined,
  ground: undefined,
  is_bold: false,
  is_dim: false,
  is_underlined: false,
  is_inverse: false,
};

/** Begins a sequence; `m` ends one for colours. */
const introducer = "\u001b[";

const names = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"];

/** The runs of each line. A style goes on from one line to the next, as it does on a terminal. */
export function runsOf(screen: string): Run[][] {
  let style = plain;
  return screen.split("\n").map((line) => {
    const runs: Run[] = [];
    let column = 0;
    const [text = "", ...styled] = line.split(introducer);
    for (const piece of [`m${text}`, ...styled]) {
      const end = piece.indexOf("m");
      const sequence = piece.slice(0, end);
      if (end === -1 || !/^[\d;]*$/.test(sequence))
        throw new Error(`not a sequence for colours: ${piece}`);
      if (end > 0) style = styleAfter(style, sequence);
      const shown = piece.slice(end + 1);
      if (shown === "") continue;
      runs.push({ column, text: shown, style });
      column += Array.from(shown).length;
    }
    return runs;
  });
}

function styleAfter(before: Style, sequence: string): Style {
  let style = before;
  for (const code of sequence.split(";").map(Number)) {
    style = code === 0 ? plain : { ...style, ...changeOf(code) };
  }
  return style;
}

function changeOf(code: number): Partial<Style> {
  const change = changes[code];
  if (change !== undefined) return change;
  for (const [from, key, prefix] of colours) {
    const name = names[code - from];
    if (name !== undefined) return { [key]: `${prefix}${name}` };
  }
  throw new Error(`no colour of these pictures: ${code}`);
}

const changes: Readonly<Record<number, Partial<Style>>> = {
  1: { is_bold: true },
  2: { is_dim: true },
  4: { is_underlined: true },
  7: { is_inverse: true },
  22: { is_bold: false, is_dim: false },
  24: { is_underlined: false },
  27: { is_inverse: false },
  39: { colour: undefined },
  49: { ground: undefined },
};

const colours = [
  [30, "colour", ""],
  [40, "ground", ""],
  [90, "colour", "bright-"],
  [100, "ground", "bright-"],
] as const;
