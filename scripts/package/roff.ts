/** The language of manual pages. */

/** Text that roff prints as it is. */
export function roff(text: string): string {
  return text
    .replaceAll("\\", "\\e")
    .replaceAll("-", "\\-")
    .replaceAll("'", "\\(aq")
    .replaceAll("`", "\\(ga")
    .replaceAll('"', "\\(dq")
    .replaceAll("^", "\\(ha")
    .replaceAll("~", "\\(ti")
    .replaceAll(/^\./gm, "\\&.");
}

/** A term, and what it is about, indented. */
export function entry(term: string, description: string): string[] {
  return [".TP", `.B ${roff(term)}`, roff(description)];
}

/** Lines that stay as they are. */
export function exampleBlock(lines: readonly string[]): string[] {
  return [".EX", ...lines.map(roff), ".EE"];
}

/** One line of Markdown: code and strong text are bold, links are their text. */
export function roffOfMarkdown(line: string): string {
  const parts = line.replaceAll(/\[([^\]]+)\]\([^)]+\)/g, "$1").split(/(`[^`]+`|\*\*[^*]+\*\*)/);
  return parts
    .map((part, index) => {
      if (index % 2 === 0) return roff(part);
      const text = roff(part.replace(/^(`|\*\*)(.*)\1$/, "$2"));
      // A line may end behind a comma within, as a long list has no spaces.
      return `\\fB${text.replaceAll(",", ",\\:")}\\fR`;
    })
    .join("");
}
