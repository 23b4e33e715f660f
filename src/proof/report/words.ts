/** The words of a report, for the terminal and for the page alike. */
import { finding_classes, type Finding, type FindingClass } from "../verify/findings/finding.ts";
import type { Verified, VerifiedChain } from "../verify/verify.ts";

/** What each class means, for a reader who has not seen it before. */
export const class_meanings: Readonly<Record<FindingClass, string>> = {
  MISSING: "The agent delivered and sealed these events, and the export does not have them.",
  ALTERED: "Events stand in these places, and they are not the ones that were sealed.",
  DUPLICATE: "The same events are there more than once. Delivery after a failure does that, too.",
  MOVED: "These events are as they were sealed, but stand in another place or index.",
  UNKNOWN:
    "These events claim a place that no seal knows. They were not sent by the agent, or it is not sealed here.",
  "SEAL MISSING": "Seals are numbered without gaps, and these are not in the export.",
  "SEAL ALTERED":
    "These seals do not hold: their signature, their key, their time or their order is wrong.",
  "UNSEALED TAIL":
    "No seal of the export is about these events yet. They are neither proven nor suspicious.",
  EXPIRED: "Seals attest these; they are older than the time from which events were retained.",
  "EXPORT INCOMPLETE":
    "The export itself is not whole, so what is missing in it need not be missing in Splunk.",
};

/** What speaks for itself in each report: what was proven, and what was not. */
export const limits: readonly string[] = [
  "Proven is the content of each event, byte for byte, its order in its log, and that none is missing between the first and the last seal.",
  "The time, the host, the source and the sourcetype beside an event are not part of the proof.",
  "Whoever had full control of the machine could forge what it delivered from that moment on, and what was not sealed yet.",
  "Whoever controlled the machine and Splunk together from the beginning could have left events out. A copy of the seals in a second place makes that harder.",
  "What the agent did not read, or what its rules filtered, is not in the export. Its counts of these are in the seals.",
];

/** The verdict in one sentence. */
export function verdictSentence(verified: Verified): string {
  const { verdict, counts, chains } = verified;
  const until = chains.map(({ to }) => to).toSorted()[0] ?? "";
  const tail = counts.unsealed === 0 ? "" : `; ${eventsOf(counts.unsealed)} more have no seal yet`;
  switch (verdict) {
    case "clean":
      return `Nothing is missing or altered: ${eventsOf(counts.proven)} are as they were sealed, up to ${until}${tail}.`;
    case "findings":
      return `The export does not match the seals: ${found(verified)}.`;
    case "undecided":
      return `Nothing can be decided, since the export is not whole: ${found(verified)}.`;
    default:
      return verdict satisfies never;
  }
}

function found({ classes }: Verified): string {
  const parts = Object.entries(classes).map(([kind, { findings, events }]) => {
    const is_seal = kind.startsWith("SEAL");
    const about = is_seal || events === 0 ? "" : ` (${eventsOf(events)})`;
    return `${inGroups(findings)} ${kind}${about}`;
  });
  return parts.join(", ");
}

/** With a comma before each three digits. What the system has for it takes a tenth of a second to begin. */
export function inGroups(count: number): string {
  return String(count).replaceAll(/\B(?=(?:\d{3})+$)/g, ",");
}

export function eventsOf(count: number): string {
  return count === 1 ? "1 event" : `${inGroups(count)} events`;
}

/** What the counts say, each in one line. */
export function countLines({ counts }: Verified): string[] {
  const { events, proven, unproven, repeats, unsealed, foreign, counted_only } = counts;
  const lines = [`${eventsOf(events)} in the export`, `${eventsOf(proven)} as they were sealed`];
  const more: [number, string][] = [
    [
      unproven,
      "in a sealed place, with missing ones beside them, so that nothing proves their content",
    ],
    [repeats, "or seals repeated, with the same content"],
    [unsealed, "that no seal of the export is about"],
    [foreign, "without a place: not from an agent with proof"],
    [counted_only, "attested as a count only"],
  ];
  return [
    ...lines,
    ...more.filter(([count]) => count > 0).map(([count, what]) => `${eventsOf(count)} ${what}`),
  ];
}

/** An agent's seals. */
export function chainLine({
  agent,
  seals,
  first_seal,
  last_seal,
  from,
  to,
}: VerifiedChain): string {
  const which =
    seals === 1
      ? `1 seal, ${first_seal}`
      : `${inGroups(seals)} seals, ${first_seal} to ${last_seal}`;
  return `agent ${agent}: ${which}, from ${from} to ${to}`;
}

/** Where a finding is. */
export function placeOf({ agent, lane, input, source, index }: Finding): string {
  const parts = [
    lane === undefined ? undefined : `lane ${lane}`,
    agent === undefined ? undefined : `agent ${agent}`,
    input === undefined ? undefined : `input ${input}`,
    source,
    index === undefined || index === "" ? undefined : `index ${index}`,
  ];
  return parts.filter((each) => each !== undefined).join(", ");
}

/** When it was: the time for which it was sealed, or the events' own where nothing was. */
export function spanOf({ from, to }: Finding): string {
  if (from === undefined && to === undefined) return "";
  return from === to ? from! : `${from ?? "?"} to ${to ?? "?"}`;
}

export function isFinding(kind: FindingClass): boolean {
  return finding_classes[kind] !== "note";
}
