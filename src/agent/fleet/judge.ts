/**
 * Whether a note from the fleet's bucket is taken: signed with a pinned key, for this group, and no older than anything that
 * was ever seen. A decision, without side effects.
 */
import type { Taken } from "../../config/config.ts";
import type { Kept } from "../../config/fleet/kept.ts";
import type { FleetOptions } from "../../config/fleet/options.ts";
import {
  openConfiguration,
  type FleetRefusal,
  type SignedConfiguration,
} from "../../config/fleet/signed.ts";

export type Judgement =
  | { readonly kind: "take"; readonly configuration: SignedConfiguration }
  /** It is in force already. */
  | { readonly kind: "same"; readonly configuration: SignedConfiguration }
  | ({ readonly kind: "refuse" } & FleetRefusal);

export function judgeNote(
  note: string,
  { signed_by, group, serial_min }: FleetOptions,
  { kept, taken }: { kept: Kept; taken: Taken | undefined },
): Judgement {
  const opened = openConfiguration(note, signed_by, group);
  if ("reason" in opened) return { kind: "refuse", ...opened };
  const { serial, sha256 } = opened;
  const highest = Object.hasOwn(kept.highest, group) ? kept.highest[group] : undefined;
  const refuse = (detail: string): Judgement => {
    return { kind: "refuse", reason: "old_serial", detail, serial };
  };
  if (serial < serial_min) return refuse(`serial ${serial} is less than serial_min, ${serial_min}`);
  if (highest !== undefined && serial < highest.serial)
    return refuse(`serial ${serial} is older than ${highest.serial}, which was seen before`);
  if (highest?.serial === serial && highest.sha256 !== sha256)
    return refuse(`serial ${serial} was seen before, with another content`);
  const is_in_force = taken?.group === group && taken.serial === serial;
  return { kind: is_in_force ? "same" : "take", configuration: opened };
}
