/**
 * Masks secrets in text that is not JSON.
 */
import type { TextMask } from "./plugin.ts";

export interface SecretKey {
  readonly name: string;
  readonly replacement: string;
}

export function textMask(keys: readonly SecretKey[], replacement: string): TextMask {
  return () => keys[0]?.replacement ?? replacement;
}
