/**
 * Values that `metadata` puts beside an event before a later step masks them in the event: they are sent as they were.
 */
import type { Path } from "../event/scan/path.ts";
import type { Complaint } from "../platform/errors.ts";
import { findText } from "./find-text.ts";
import type { NamedValue } from "./name-watch.ts";
import type { StepOptions } from "./options.ts";

const reading_plugin = "metadata";
const masking_plugin = "redact";

/** What is known of a compiled step. */
export interface ReadAndMasked {
  readonly name: string;
  readonly plugin: string;
  readonly at: Complaint["path"];
  readonly options: StepOptions;
  readonly named: readonly NamedValue[];
  /** All that it masks by path, what its packs and detectors know included. */
  readonly masked: readonly Path[];
}

/** A warning for each value that is read too early. */
export function readBeforeRedact(steps: readonly ReadAndMasked[]): Complaint[] {
  return steps.flatMap((step, number) => {
    if (step.plugin !== reading_plugin) return [];
    const later = steps.slice(number + 1).filter(({ plugin }) => plugin === masking_plugin);
    return step.named.flatMap(({ path, by }) => {
      if (by !== "path") return [];
      const place = placeOf(step, path);
      const masking = later.find(({ masked }) =>
        masked.some((each) => masks(each, path) && !masksField(each, place)),
      );
      if (masking === undefined) return [];
      const message =
        `this takes ${path.text} before the step ${masking.name} masks it, so that it is sent as it is; ` +
        "put this step behind it";
      return [{ path: [...step.at, step.plugin, ...place], message }];
    });
  });
}

/** Whether the one leads to the value at the other, or to something around that. */
function masks(mask: Path, { segments }: Path): boolean {
  const keys = segments.flatMap((each) => (each.kind === "key" ? [each.name] : []));
  if (keys.length !== segments.length) return false;
  return keys.some((_, last) => mask.covers(keys.slice(0, last + 1)));
}

/** Whether it masks the indexed field, too, which the value is put in. */
function masksField(mask: Path, place: Complaint["path"]): boolean {
  const [option, name] = place;
  return option === "fields" && typeof name === "string" && mask.leadsToField(name);
}

/** Where the template stands that takes the value. */
function placeOf({ plugin, options }: ReadAndMasked, { text }: Path): Complaint["path"] {
  return findText(options[plugin], (each) => each.includes(`{${text}}`), 0) ?? [];
}
