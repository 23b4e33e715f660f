/**
 * What a terminal shows, as SVG: each run of text at its place in the grid, whatever font there is, and the characters that
 * bars and lines are made of as shapes, so that they join. Light and dark as the reader's system is.
 */
import { runsOf, type Run, type Style } from "./styled-text.ts";

const [cell_width, cell_height, font_size] = [8.4, 19, 14];
const margin = 18;
const head_height = 38;
/** Of the text's line, from the top of its cell. */
const baseline = 14;

const style_sheet = `
svg{--ground:#fbfcfd;--head:#eceff3;--edge:#d3dae2;--ink:#1f2733;--quiet:#636e7d;
--black:#1f2733;--red:#b3261e;--green:#12734a;--yellow:#8a5300;--blue:#2558c5;--magenta:#8438a8;--cyan:#0b6e7f;--white:#636e7d}
@media(prefers-color-scheme:dark){svg{--ground:#12161d;--head:#1c222c;--edge:#2f3947;--ink:#e4e9f0;--quiet:#98a3b3;
--black:#0b0e13;--red:#ff8f86;--green:#6ccf9f;--yellow:#efbe62;--blue:#8fb5ff;--magenta:#d9a1f5;--cyan:#6fd0df;--white:#c9d1dc}}
text{font:${font_size}px ui-monospace,"SF Mono",Menlo,Consolas,"DejaVu Sans Mono","Liberation Mono",monospace;fill:var(--ink);white-space:pre}
.bold{font-weight:bold}.dim{fill:var(--quiet)}.underlined{text-decoration:underline}.title{fill:var(--quiet)}`;

export interface PictureOptions {
  /** What stands in the frame's head: the command. */
  readonly title: string;
  /** What it shows, for those who do not see it. */
  readonly description: string;
  readonly columns: number;
}

/** The picture of a screen as `tmux capture-pane -e` gives it; empty lines at its end are left out. */
export function terminalPicture(
  screen: string,
  { title, description, columns }: PictureOptions,
): string {
  const lines = runsOf(screen.replace(/(?:\n *)+$/, ""));
  const width = Math.ceil(columns * cell_width + 2 * margin);
  const height = head_height + lines.length * cell_height + 2 * margin - 4;
  const drawn = lines.flatMap((runs, row) => runs.map((run) => drawRun(run, row)));
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">
<title>${escaped(title)}</title>
<desc>${escaped(description)}</desc>
<style>${style_sheet}</style>
<rect x=".5" y=".5" width="${width - 1}" height="${height - 1}" rx="9" fill="var(--ground)" stroke="var(--edge)"/>
<path d="M1 ${head_height}V10a9 9 0 0 1 9-9H${width - 10}a9 9 0 0 1 9 9V${head_height}z" fill="var(--head)"/>
<text class="title" x="${margin}" y="24">${escaped(`$ ${title}`)}</text>
${drawn.filter((each) => each !== "").join("\n")}
</svg>
`;
}

function drawRun({ column, text, style }: Run, row: number): string {
  const ground = groundOf(style);
  const characters = Array.from(text);
  const parts: string[] = [];
  if (ground !== undefined) {
    parts.push(rectangle({ column, row, columns: characters.length, top: 0, bottom: 1 }, ground));
  }
  // Words that stand apart are placed each for itself, so that a font that is wider or narrower shifts nothing.
  for (const { index, 0: words } of text.matchAll(
    /[▁▂▃▄▅▆▇█]+|░+|─+|[^▁▂▃▄▅▆▇█░─ ]+(?: [^▁▂▃▄▅▆▇█░─ ]+)*/gu,
  )) {
    const at = column + Array.from(text.slice(0, index)).length;
    parts.push(drawWords(words, { column: at, row }, style));
  }
  return parts.join("");
}

interface Place {
  readonly column: number;
  readonly row: number;
}

function drawWords(words: string, { column, row }: Place, style: Style): string {
  const colour = inkOf(style);
  const characters = Array.from(words);
  const columns = characters.length;
  if (words.startsWith("─")) {
    return rectangle({ column, row, columns, top: 0.5, bottom: 0.56 }, colour);
  }
  if (words.startsWith("░")) {
    return rectangle({ column, row, columns, top: 0.14, bottom: 0.86 }, colour, 0.22);
  }
  const heights = characters.map((character) => "▁▂▃▄▅▆▇█".indexOf(character) + 1);
  if (heights[0]! > 0) {
    if (heights.every((height) => height === 8)) {
      return rectangle({ column, row, columns, top: 0.14, bottom: 0.86 }, colour);
    }
    return sparkline(heights, { column, row }, colour);
  }
  const classes = [
    ...(style.is_bold ? ["bold"] : []),
    ...(style.is_dim ? ["dim"] : []),
    ...(style.is_underlined ? ["underlined"] : []),
  ];
  const look = classes.length === 0 ? "" : ` class="${classes.join(" ")}"`;
  const fill = colour === "var(--ink)" || style.is_dim ? "" : ` style="fill:${colour}"`;
  const length = columns > 1 ? ` textLength="${number(columns * cell_width)}"` : "";
  const spacing = columns > 1 ? ' lengthAdjust="spacingAndGlyphs"' : "";
  return `<text${look}${fill} x="${number(x(column))}" y="${number(y(row) + baseline)}"${length}${spacing}>${escaped(words)}</text>`;
}

/** One shape, since there would be seams between several. */
function sparkline(heights: readonly number[], { column, row }: Place, colour: string): string {
  const bottom = y(row) + 0.9 * cell_height;
  const steps = heights.map((height, at) => {
    const top = bottom - 0.8 * cell_height * (height / 8);
    return `V${number(top)}H${number(x(column + at + 1))}`;
  });
  return `<path d="M${number(x(column))} ${number(bottom)}${steps.join("")}V${number(bottom)}z" fill="${colour}"/>`;
}

interface Area extends Place {
  readonly columns: number;
  /** Parts of the cell's height. */
  readonly top: number;
  readonly bottom: number;
}

function rectangle({ column, row, columns, top, bottom }: Area, fill: string, opacity = 1): string {
  const height = (bottom - top) * cell_height;
  const seen = opacity === 1 ? "" : ` opacity="${opacity}"`;
  return `<rect x="${number(x(column))}" y="${number(y(row) + top * cell_height)}" width="${number(columns * cell_width)}" height="${number(height)}" fill="${fill}"${seen}/>`;
}

function inkOf({ colour, ground, is_inverse, is_dim }: Style): string {
  if (is_inverse) return `var(--${ground ?? "ground"})`;
  return `var(--${is_dim ? "quiet" : nameOf(colour ?? "ink")})`;
}

function groundOf({ colour, ground, is_inverse }: Style): string | undefined {
  if (is_inverse) return `var(--${nameOf(colour ?? "ink")})`;
  return ground === undefined ? undefined : `var(--${nameOf(ground)})`;
}

/** A bright colour is that colour; bright black is grey. */
function nameOf(colour: string): string {
  return colour === "bright-black" ? "quiet" : colour.replace("bright-", "");
}

function x(column: number): number {
  return margin + column * cell_width;
}

function y(row: number): number {
  return head_height + margin - 4 + row * cell_height;
}

function number(value: number): string {
  return String(Math.round(value * 100) / 100);
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
