/** The report for a terminal, as lines of plain text. */
import type { Verified } from "../verify/verify.ts";
import {
  chainLine,
  class_meanings,
  countLines,
  placeOf,
  spanOf,
  verdictSentence,
} from "./words.ts";
import type { FindingClass } from "../verify/findings/finding.ts";

/** Of each class so many are printed; --json and --report have more. */
const printed_max = 20;

export function textReport(verified: Verified): string[] {
  const lines = [...verified.chains.map(chainLine), ...countLines(verified)];
  const classes = Object.entries(verified.classes) as [FindingClass, { findings: number }][];
  for (const [kind, { findings: count }] of classes) {
    lines.push("", `${kind}: ${class_meanings[kind]}`);
    const all = verified.findings.filter((each) => each.class === kind);
    for (const each of all.slice(0, printed_max)) {
      lines.push(`  ${each.detail}`);
      const more = [placeOf(each), spanOf(each)].filter((text) => text !== "").join("; ");
      if (more !== "") lines.push(`    ${more}`);
    }
    if (count > printed_max) lines.push(`  and ${count - printed_max} more`);
  }
  return [...lines, "", verdictSentence(verified)];
}
