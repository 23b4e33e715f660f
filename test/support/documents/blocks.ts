/** The documents of the repository, and the blocks of code in them. */
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";

export const repository = join(import.meta.dirname, "../../..");

/** Every document that a reader is led to, by its path from the top of the repository. */
export const documents = globSync(
  [
    "README.md",
    "CONTRIBUTING.md",
    "docs/**/*.md",
    "systemd/README.md",
    "bench/README.md",
    "examples/README.md",
  ],
  { cwd: repository },
).sort();

export interface CodeBlock {
  readonly file: string;
  /** The line in the file that the block begins at, from 1. */
  readonly line: number;
  /** What stands behind the fence; undefined for a block that is indented. */
  readonly language: string | undefined;
  readonly text: string;
}

export function readDocument(file: string): string {
  return readFileSync(join(repository, file), "utf8");
}

export function placeOf({ file, line }: CodeBlock): string {
  return `${file}:${line}`;
}

export function blocksOf(file: string): CodeBlock[] {
  return codeBlocks(file, readDocument(file));
}

/** Fenced blocks, and those that are indented by four spaces more than the text around them (CommonMark 4.4, 4.5). */
export function codeBlocks(file: string, document: string): CodeBlock[] {
  const lines = document.split("\n");
  const blocks: CodeBlock[] = [];
  /** How far the text of each open list item is indented. */
  const items: number[] = [0];
  let follows_blank = true;
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at]!;
    if (line.trim() === "") {
      follows_blank = true;
      continue;
    }
    const indent = line.search(/\S/);
    while (indent < items.at(-1)!) items.pop();
    const base = items.at(-1)!;
    const fence = /^ *(```+|~~~+)(\S*)/.exec(line);
    const begin = at;
    if (fence !== null) {
      while (++at < lines.length && lines[at]!.trim() !== fence[1]);
      if (at === lines.length) throw new Error(`${file}:${begin + 1}: the fence is not closed`);
      const text = unindented(lines.slice(begin + 1, at), indent);
      blocks.push({ file, line: begin + 2, language: fence[2]!, text });
    } else if (follows_blank && indent >= base + 4) {
      while (at + 1 < lines.length && isInside(lines, at + 1, base + 4)) at += 1;
      const text = unindented(lines.slice(begin, at + 1), base + 4);
      blocks.push({ file, line: begin + 1, language: undefined, text });
    } else {
      const item = /^ *(?:[-*+]|\d+\.) +(?=\S)/.exec(line);
      if (item !== null) items.push(item[0].length);
    }
    follows_blank = false;
  }
  return blocks;
}

/** Whether the line belongs to an indented block; a blank one does where the block goes on behind it. */
function isInside(lines: readonly string[], at: number, indent: number): boolean {
  const next = lines.slice(at).find((line) => line.trim() !== "");
  return next !== undefined && next.search(/\S/) >= indent;
}

function unindented(lines: readonly string[], indent: number): string {
  return lines.map((line) => line.slice(Math.min(indent, line.search(/\S|$/)))).join("\n");
}
