/**
 * What the YAML library finds wrong, in sentences that say what to do.
 *
 * The library's own messages are not shown: some quote the text at fault, which may be a secret.
 */
import { visit, type Document, type YAMLError } from "yaml";
import { openBracketIn } from "./open-bracket.ts";

const sentences: Partial<Record<YAMLError["code"], string>> = {
  BAD_DIRECTIVE: "a line that begins with % is a YAML directive; put the text in quotes",
  BAD_DQ_ESCAPE:
    "in double quotes a backslash begins an escape; write \\\\ for a backslash, or use single quotes",
  BAD_INDENT: "wrong indentation; keys of one map begin in the same column",
  BAD_SCALAR_START: "a value cannot begin with this character; put the text in quotes",
  BLOCK_AS_IMPLICIT_KEY:
    'a second ": " on one line, or a key indented more than its neighbours; put text with ": " in quotes',
  BLOCK_IN_FLOW:
    'a second ": " in this value, or a list or map with lines of its own inside [ ] or { }; put text with ": " in quotes',
  KEY_OVER_1024_CHARS: "the key is too long; is a quote or a line end missing above?",
  MISSING_CHAR: 'something is missing here: a closing quote, bracket, comma or the space after ":"',
  MULTILINE_IMPLICIT_KEY: 'a line that is not "key: value"; is a ":" or a quote missing?',
  MULTIPLE_DOCS: 'a second document begins here ("---"); a configuration is one document',
  RESOURCE_EXHAUSTION: "nested too deeply",
  TAB_AS_INDENT: "a tab in the indentation; YAML is indented with spaces",
  TAG_RESOLVE_FAILED: 'tags ("!…") have no meaning here; put text that begins with "!" in quotes',
  UNEXPECTED_TOKEN:
    "YAML does not expect this here; is a quote, bracket or indentation wrong above?",
};

const anchors =
  "anchors (&), aliases (*) and tags (!) are not used correctly here; put such text in quotes";

const never_closed = "the quote is never closed";

interface YamlMistake {
  offset: number;
  path: [];
  message: string;
}

/** The mistakes in sentences of ours, each at the offset where it is. What follows from an open bracket is left out. */
export function explainYamlErrors(
  errors: readonly YAMLError[],
  document: Document.Parsed,
  text: string,
): YamlMistake[] {
  const mistakes = errors.map((error) => explainYamlError(error, document, text));
  if (mistakes.some(({ message }) => message === never_closed)) return mistakes;
  const open = openBracketIn(text);
  if (open === undefined) return mistakes;
  const { offset, bracket } = open;
  const message = `the ${bracket} is never closed; write ${bracket === "[" ? "]" : "}"} where it ends`;
  return [...mistakes.filter((each) => each.offset < offset), { offset, path: [], message }];
}

function explainYamlError(error: YAMLError, document: Document.Parsed, text: string): YamlMistake {
  const offset = Math.min(error.pos[0], text.length);
  const line_start = text.lastIndexOf("\n", offset - 1) + 1;
  const indentation = /^[ \t]*/.exec(text.slice(line_start, line_start + 1000))?.[0] ?? "";
  if (indentation.includes("\t")) {
    const tab = line_start + indentation.indexOf("\t");
    return { offset: tab, path: [], message: sentences.TAB_AS_INDENT! };
  }
  const quote = error.code === "MISSING_CHAR" ? openQuote(document, offset) : undefined;
  if (quote !== undefined) return { offset: quote, path: [], message: never_closed };
  return { offset, path: [], message: sentences[error.code] ?? anchors };
}

/** Where the quoted text begins that ends at `offset` without a quote; the library gives only its end. */
function openQuote(document: Document.Parsed, offset: number): number | undefined {
  let start: number | undefined;
  visit(document, {
    Scalar(_key, { type, range }) {
      if (type?.startsWith("QUOTE_") && range?.[1] === offset) start = range[0];
    },
  });
  return start;
}
