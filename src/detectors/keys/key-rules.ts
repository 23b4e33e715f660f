/** The keys that are known to hold secrets. */
import type { KeyRule } from "./key-rule.ts";

/** Each belongs to a detector: whoever uses that has the keys, too. */
export const key_rules: readonly KeyRule[] = [];
