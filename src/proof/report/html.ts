/**
 * The report as one page to file and to print: everything is in it, nothing in it runs, and what comes from the export is shown
 * as text.
 */
import { version } from "../../platform/version.ts";
import type { Finding } from "../verify/findings/finding.ts";
import type { Verified } from "../verify/verify.ts";
import {
  chainLine,
  class_meanings,
  countLines,
  inGroups,
  isFinding,
  limits,
  placeOf,
  spanOf,
  verdictSentence,
} from "./words.ts";

const style = `
body { font: 15px/1.5 "Helvetica Neue", Arial, sans-serif; color: #1a1a1a; max-width: 62em; margin: 2em auto; padding: 0 1.5em; }
h1 { font-size: 1.5em; margin-bottom: 0; } h2 { font-size: 1.15em; margin-top: 2em; border-bottom: 1px solid #bbb; }
.verdict { font-size: 1.15em; padding: .8em 1em; border-left: .4em solid; margin: 1.2em 0; }
.clean { border-color: #1b7f3b; background: #eef7f0; } .findings { border-color: #b3261e; background: #fcefee; }
.undecided { border-color: #9a6700; background: #fdf6e3; }
table { border-collapse: collapse; width: 100%; } th, td { text-align: left; vertical-align: top; padding: .35em .7em .35em 0; border-bottom: 1px solid #ddd; }
th { font-weight: 600; } code { font: 13px/1.4 ui-monospace, Menlo, Consolas, monospace; overflow-wrap: anywhere; }
.kind { white-space: nowrap; font-weight: 600; } .note .kind { font-weight: 400; }
.small { color: #555; } @media print { body { margin: 0; max-width: none; font-size: 11px; } tr, li { break-inside: avoid; } }
`;

export interface ReportFacts {
  /** When it was made. */
  readonly time_ms: number;
  /** The options that change what is found, in words. */
  readonly asked: readonly string[];
}

export function htmlReport(verified: Verified, { time_ms, asked }: ReportFacts): string {
  const { verdict, chains, files, roots, findings } = verified;
  const made = new Date(time_ms).toISOString();
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Proof of completeness: ${escaped(verdict)}, ${escaped(made)}</title>
<style>${style}</style>
</head>
<body>
<h1>Proof of completeness</h1>
<p class="small">Made ${escaped(made)} by tallyman ${escaped(version)} (<code>tallyman verify</code>).</p>
<p class="verdict ${verdict}">${escaped(verdictSentence(verified))}</p>
<h2>What was found</h2>
${findings.length === 0 ? "<p>Nothing speaks against the export.</p>" : findingsTable(verified)}
<h2>What was verified</h2>
${list([...chains.map(chainLine), ...countLines(verified)])}
<table>
<tr><th>Fingerprint of the root</th><td>${roots.map((each) => `<code>${escaped(each)}</code>`).join("<br>")}</td></tr>
<tr><th>Files</th><td>${files.map((each) => `<code>${escaped(each)}</code>`).join("<br>")}</td></tr>
<tr><th>Asked for</th><td>${asked.length === 0 ? "nothing beside the usual" : escaped(asked.join("; "))}</td></tr>
</table>
${books(verified)}
<h2>What this proves, and what not</h2>
${list(limits)}
</body>
</html>
`;
}

function findingsTable({ findings, classes }: Verified): string {
  const rows = findings.map(findingRow).join("\n");
  const all = Object.values(classes).reduce((sum, each) => sum + each.findings, 0);
  const left = all - findings.length;
  const more = left > 0 ? `<p>${inGroups(left)} more are not listed here.</p>` : "";
  const meanings = (Object.keys(classes) as (keyof typeof class_meanings)[])
    .map((kind) => `<li><b>${escaped(kind)}</b>: ${escaped(class_meanings[kind])}</li>`)
    .join("\n");
  return `<ul>${meanings}</ul>
<table>
<thead><tr><th>Class</th><th>What</th><th>Where</th><th>When</th></tr></thead>
<tbody>
${rows}
</tbody>
</table>
${more}`;
}

function findingRow(finding: Finding): string {
  const cells = [finding.detail, placeOf(finding), spanOf(finding)];
  const rest = cells.map((each) => `<td>${escaped(each)}</td>`).join("");
  const weight = isFinding(finding.class) ? "finding" : "note";
  return `<tr class="${weight}"><td class="kind">${escaped(finding.class)}</td>${rest}</tr>`;
}

/** What the agents themselves have counted. */
function books({ chains }: Verified): string {
  const rows = chains.flatMap(({ agent, books: counts }) =>
    Object.entries<number | Record<string, number> | undefined>(counts ?? {}).map(
      ([fate, count]) => {
        const text =
          typeof count === "number"
            ? inGroups(count)
            : Object.entries(count ?? {})
                .map(([reason, each]) => `${reason}: ${inGroups(each)}`)
                .join(", ");
        return `<tr><td>${escaped(agent)}</td><td>${escaped(fate)}</td><td>${escaped(text)}</td></tr>`;
      },
    ),
  );
  if (rows.length === 0) return "";
  return `<h2>What the agents attest of themselves</h2>
<p>The counts in the last seal: what was received, and what became of it. They are signed, not proven.</p>
<table>
<thead><tr><th>Agent</th><th>Fate</th><th>Events</th></tr></thead>
<tbody>
${rows.join("\n")}
</tbody>
</table>`;
}

function list(lines: readonly string[]): string {
  return `<ul>\n${lines.map((each) => `<li>${escaped(each)}</li>`).join("\n")}\n</ul>`;
}

/** The text as HTML shows it. What is no text, such as what turns the direction of writing, is shown as a code. */
function escaped(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;")
    .replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, (each) => {
      return `U+${each.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0")}`;
    });
}
