/**
 * What verify finds: classes with stable names, each finding with its place.
 */

/** Each class, and whether it speaks against the export. */
export const finding_classes = {
  MISSING: "finding",
  ALTERED: "finding",
  DUPLICATE: "finding",
  MOVED: "finding",
  UNKNOWN: "finding",
  "SEAL MISSING": "finding",
  "SEAL ALTERED": "finding",
  "UNSEALED TAIL": "note",
  EXPIRED: "note",
  "EXPORT INCOMPLETE": "obstacle",
} as const;

export type FindingClass = keyof typeof finding_classes;

/** A span of time, in ISO; either end may be unknown. */
export interface Span {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

export interface Finding extends Span {
  readonly class: FindingClass;
  readonly agent?: string | undefined;
  /** With its epoch. */
  readonly lane?: string | undefined;
  readonly input?: string | undefined;
  readonly source?: string | undefined;
  readonly output?: string | undefined;
  readonly index?: string | undefined;
  /** The first number, of an event in the lane or of a seal in its chain. */
  readonly first?: number | undefined;
  readonly count?: number | undefined;
  /** One sentence, in plain words. */
  readonly detail: string;
  /** Of EXPORT INCOMPLETE. */
  readonly file?: string | undefined;
}

/** How many findings of a class are kept; the others are counted. */
const kept_max = 1000;

/** All that was found, bounded: what there is too much of is counted. */
export class Findings {
  readonly #kept = new Map<FindingClass, Finding[]>();
  readonly #counts = new Map<FindingClass, { findings: number; events: number }>();

  add(finding: Finding): void {
    const { class: kind } = finding;
    const count = this.#counts.get(kind) ?? { findings: 0, events: 0 };
    count.findings += 1;
    count.events += finding.count ?? 0;
    this.#counts.set(kind, count);
    const kept = this.#kept.get(kind) ?? [];
    if (kept.length < kept_max) kept.push(finding);
    this.#kept.set(kind, kept);
  }

  /** In the order of the classes. */
  get kept(): Finding[] {
    const classes = Object.keys(finding_classes) as FindingClass[];
    return classes.flatMap((each) => this.#kept.get(each) ?? []);
  }

  /** Of each class that something was found of. */
  get counts(): Partial<Record<FindingClass, { findings: number; events: number }>> {
    const classes = Object.keys(finding_classes) as FindingClass[];
    const found = classes.filter((each) => this.#counts.has(each));
    return Object.fromEntries(found.map((each) => [each, this.#counts.get(each)!]));
  }

  count(kind: FindingClass): number {
    return this.#counts.get(kind)?.findings ?? 0;
  }

  /** Whether anything speaks against the export; strictly, what is not sealed does, too. */
  speaksAgainst(is_strict: boolean): boolean {
    const found = [...this.#counts.keys()];
    return found.some(
      (each) => finding_classes[each] === "finding" || (is_strict && each === "UNSEALED TAIL"),
    );
  }
}
