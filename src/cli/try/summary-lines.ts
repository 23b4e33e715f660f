/**
 * The summary of a dry run on a terminal.
 */
import type { ComparisonReport } from "../../preview/comparison.ts";
import type { RuleHits } from "../../preview/rule-hits.ts";
import type { SummaryReport } from "../../preview/summary.ts";
import { printable } from "../../platform/text/printable.ts";
import { countOf, manyOf, tableOf } from "../status/table.ts";
import { styled } from "../terminal/style.ts";

export function summaryLines(report: SummaryReport): string[] {
  const { events, changed, made, endings, rules, times, unmasked, notes } = report;
  const counts = [
    ["events", countOf(events)],
    ["changed", countOf(changed)],
    ...(made === 0 ? [] : [["made by steps", countOf(made)]]),
    ...endings.map(({ fate, name, events: ended }) => [
      printable(fate === "kept" ? `kept → ${name}` : `${fate}: ${name}`),
      countOf(ended),
    ]),
  ];
  return [
    "",
    heading("Summary"),
    ...tableOf(counts),
    ...(rules.length === 0 ? [] : ["", heading("Rules"), ...ruleLines(rules)]),
    ...section("Never matched", neverMatched(rules)),
    ...section("Likely mistaken", mistaken(rules)),
    ...section(
      "Times",
      times.map(({ fault, events: faulty, path, shape }) =>
        printable(
          `${manyOf(faulty, "event")}: ${fault}${path === undefined ? "" : ` at ${path}`}, as ${shape}`,
        ),
      ),
    ),
    ...section(
      "Looks secret, and is sent as it is",
      unmasked.flatMap(({ path, events: found, paste }) => [
        printable(`${path}: ${manyOf(found, "event")}. To mask it, add to the chain:`),
        printable(`    ${paste}`),
      ]),
    ),
    ...section("Not read", notes.map(printable)),
  ];
}

export function comparisonLines(report: ComparisonReport, other: string): string[] {
  const { events, same, different, fates, content, metadata } = report;
  return [
    "",
    heading(printable(`Differences with ${other}`)),
    ...tableOf([
      ["events", countOf(events)],
      ["the same", countOf(same)],
      ["different", countOf(different)],
      ["  other content", countOf(content)],
      ["  other metadata", countOf(metadata)],
    ]),
    ...section(
      "Other fates",
      fates.map(({ from, to, events: moved }) =>
        printable(`${from}, now ${to}: ${manyOf(moved, "event")}`),
      ),
    ),
  ];
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ["", heading(title), ...lines.map((line) => `  ${line}`)];
}

function heading(title: string): string {
  return styled("bold", title);
}

function ruleLines(rules: readonly RuleHits[]): string[] {
  const rows = rules.flatMap((rule) => [
    [
      printable(`${rule.input} ${rule.step}`),
      ...[rule.received, rule.changed, rule.ended, rule.failed].map(countOf),
    ],
    ...rule.paths.map(({ path, events }) => [printable(`  ${path}`), countOf(events), "", "", ""]),
  ]);
  return tableOf([["", "EVENTS", "CHANGED", "ENDED", "FAILED"], ...rows]);
}

function neverMatched(rules: readonly RuleHits[]): string[] {
  return rules.flatMap(({ input, step, matched, paths }) => {
    const missed = paths.filter((path) => !path.matched);
    if (!matched && missed.length === 0) return [printable(`${input} ${step}`)];
    return missed.map(({ path, did_you_mean }) => {
      const hint = did_you_mean === undefined ? "" : `; did you mean ${did_you_mean}?`;
      return printable(`${input} ${step}: ${path}${hint}`);
    });
  });
}

function mistaken(rules: readonly RuleHits[]): string[] {
  return rules.flatMap(({ input, step, doubts }) =>
    doubts.map(({ message }) => printable(`${input} ${step}: ${message}`)),
  );
}
