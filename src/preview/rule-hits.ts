/**
 * What each step of a chain did in a dry run, and what of its paths and conditions found nothing.
 */
import type { KeySample } from "../chain/key-sample.ts";
import type { NameDoubt } from "../chain/name-watch.ts";
import type { StepCounts } from "../chain/step.ts";
import { parsePath, type Path, PathError } from "../event/scan/path.ts";
import type { DryRun } from "./run/dry-run.ts";

/** A path of a step that masks. */
export interface PathHits {
  readonly path: string;
  /** Events that had a value there, however often. */
  readonly events: number;
  readonly matched: boolean;
  readonly did_you_mean: string | undefined;
}

export interface RuleHits {
  readonly input: string;
  readonly step: string;
  readonly plugin: string;
  readonly received: number;
  readonly changed: number;
  readonly ended: number;
  readonly failed: number;
  /** Whether it has changed or ended any event. */
  readonly matched: boolean;
  readonly paths: readonly PathHits[];
  /** What is likely wrong with the values that it names. */
  readonly doubts: readonly NameDoubt[];
}

/** `keys` has those of the events that the step may have been given. */
export function ruleHitsOf(run: DryRun, step: StepCounts, keys: KeySample): RuleHits {
  const { name, plugin, received, changed, failed, filtered, dropped, quarantined } = step;
  const ended = filtered + dropped + quarantined;
  const hits = run.hitsOf(step);
  const unmatched = new Set(step.unmatched.map(({ path }) => path));
  const paths = [...hits];
  const texts = paths.map(([path]) => path);
  return {
    input: run.input.name,
    step: name,
    plugin,
    received,
    changed,
    ended,
    failed,
    matched: changed + ended > 0,
    paths: paths.map(([path, events]) => ({
      path,
      events,
      // The step does not look for paths in text, where names are masked.
      matched: events > 0 || !unmatched.has(path),
      did_you_mean: events === 0 && unmatched.has(path) ? meant(path, texts, keys) : undefined,
    })),
    doubts: step.doubtsNow(),
  };
}

function meant(path: string, others: readonly string[], keys: KeySample): string | undefined {
  const [parsed] = pathsIn([path]);
  return parsed && keys.suggestionFor(parsed, pathsIn(others));
}

/** Those that are paths; names of keys are not, and are at any level. */
function pathsIn(texts: readonly string[]): Path[] {
  return texts.flatMap((text) => {
    try {
      return [parsePath(text, { secret: true })];
    } catch (thrown) {
      if (!(thrown instanceof PathError)) throw thrown;
      return [];
    }
  });
}
