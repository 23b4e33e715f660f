/** The links of a document, and the places in it that others can link to. */
import { readDocument } from "./blocks.ts";

/** The targets of all links, `path#anchor` as written. */
export function linksOf(file: string): string[] {
  return [...prose(file).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target!);
}

/** What GitHub makes of the headings: lower case, blanks to hyphens, no other punctuation; a number where one repeats. */
export function anchorsOf(file: string): Set<string> {
  const anchors = new Set<string>();
  for (const [, heading] of withoutFences(readDocument(file)).matchAll(/^#{1,6} +(.+)$/gm)) {
    const text = heading!.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1");
    const base = text
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
      .trim()
      .replaceAll(" ", "-");
    let anchor = base;
    for (let number = 1; anchors.has(anchor); number += 1) anchor = `${base}-${number}`;
    anchors.add(anchor);
  }
  return anchors;
}

/** Every path of the repository that the text names in code: `src/event/scan/path.ts`. */
export function pathsNamedIn(file: string): string[] {
  const names = prose(file, true).matchAll(
    /`((?:src|plugins|test|bench|scripts|systemd|docs)\/[\w./@-]*)`/g,
  );
  return [...names].map(([, path]) => path!);
}

function prose(file: string, with_code_spans = false): string {
  const text = withoutFences(readDocument(file));
  return with_code_spans ? text : text.replaceAll(/(?<!\[)`[^`\n]*`/g, "");
}

function withoutFences(text: string): string {
  return text.replaceAll(/^ *```[^]*?^ *```/gm, "");
}
