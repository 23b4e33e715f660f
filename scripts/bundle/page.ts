/**
 * The page that the agent serves: one script, and the HTML with the style sheet inside, so that a browser can show it before
 * it has the script. Nothing is loaded from elsewhere.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { rolldown } from "rolldown";
import { inAscii, placeInPackage } from "./bundle.ts";

const source = "src/page";
/** What to do about a warning; the page shows it. */
const advice_file = "docs/operations/monitoring.md";
const style_place = '<link rel="stylesheet" href="page.css" />';
const style_sheets = ["node_modules/uplot/dist/uPlot.min.css", join(source, "page.css")];

/** Writes it below the folder, and gives the paths of all modules that are inside. */
export async function bundlePage(folder: string): Promise<string[]> {
  const place = join(folder, "page");
  mkdirSync(place, { recursive: true });
  const build = await rolldown({
    input: join(source, "main.ts"),
    platform: "browser",
    transform: {
      target: "es2022",
      define: { WARNING_ADVICE: JSON.stringify(adviceIn(readFileSync(advice_file, "utf8"))) },
    },
    onLog(level, log) {
      throw new Error(`the bundler has a ${level}: ${log.message}`);
    },
  });
  const { output } = await build.write({
    file: join(place, "page.js"),
    format: "esm",
    minify: true,
    comments: false,
    // They say whose code is inside; a browser is not told of them.
    sourcemap: "hidden",
    sourcemapExcludeSources: true,
    sourcemapPathTransform: (path, map) => placeInPackage(path, map, folder),
  });
  await build.close();
  for (const file of output) {
    if (file.type === "chunk") writeFileSync(join(place, file.fileName), inAscii(file.code));
  }
  const styles = style_sheets.map((file) => readFileSync(file, "utf8"));
  const page = readFileSync(join(source, "page.html"), "utf8");
  writeFileSync(join(place, "page.html"), withStyles(page, styles.join("\n")));
  return output.flatMap((file) => (file.type === "chunk" ? Object.keys(file.modules) : []));
}

/** The page with its style sheet inside, where it names its place. */
export function withStyles(page: string, styles: string): string {
  const [before, after, more] = page.split(style_place);
  if (after === undefined || more !== undefined) throw new Error(`${source}: no ${style_place}`);
  if (/<\//.test(styles)) throw new Error("the style sheet would end before its end");
  return `${before}<style>${styles}</style>${after}`;
}

/** The rows of the table of warnings, as plain text by their code. */
export function adviceIn(markdown: string): Record<string, string> {
  const [, section = ""] = markdown.split(/^### Warnings$/m);
  const rows = section.split(/^#+ /m)[0]!.matchAll(/^\| `([a-z0-9_]+)` *\| (.*?) *\|$/gm);
  return Object.fromEntries(Array.from(rows, ([, code, text]) => [code!, plainText(text!)]));
}

/** Without the marks of Markdown; of a link, its text. */
function plainText(markdown: string): string {
  return markdown
    .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1")
    .replaceAll("`", "")
    .replace(/^\(hint\) /, "");
}
