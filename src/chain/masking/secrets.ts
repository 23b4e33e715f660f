/**
 * The secrets that the steps of a chain declare, and the text mask made of all of them.
 */
import { type KeyGlob, literalOf } from "../../event/scan/key-glob.ts";
import type { Path } from "../../event/scan/path.ts";
import type { DetectedSecrets, EncodedRules, TextMask } from "../../plugin.ts";
import { detectedMaskings, maskDetected } from "./detected-text.ts";
import type { Masking } from "./marks.ts";
import { type SecretName, textMask } from "./text-mask.ts";

const default_replacement = "[REDACTED]";

export class Secrets {
  readonly #names = new Map<string, SecretName>();
  /** Set by a path without any name, such as `**`: all of a text is secret then. */
  #everything: string | undefined;
  #replacement: string | undefined;
  readonly #detected: DetectedSecrets[] = [];
  readonly #encoded: EncodedRules[] = [];
  #is_sealed = false;
  readonly #waiting: ((mask: TextMask) => void)[] = [];
  #mask: TextMask = () => default_replacement;
  #plain_mask: TextMask = () => default_replacement;

  /** The mask knows the secrets of the whole chain, once that is compiled; it masks everything before. */
  add(paths: readonly Path[], replacement: string, detected?: DetectedSecrets): TextMask {
    this.#replacement ??= replacement;
    if (detected !== undefined) this.#detected.push(detected);
    for (const path of paths) {
      // The name nearest to the value: in text, a value is known by it alone.
      const last = path.segments.findLast(({ kind }) => kind === "key" || kind === "glob");
      if (last?.kind === "glob") {
        this.#addGlob(last.glob.inAnyCase(), replacement);
        continue;
      }
      const name = last?.kind === "key" ? last.name : undefined;
      if (name === undefined) this.#everything ??= replacement;
      else if (!this.#names.has(name)) this.#names.set(name, { name, replacement });
    }
    return (text) => this.#mask(text);
  }

  /** Has the mask look into what is encoded, too. */
  addEncoded(rules: EncodedRules): void {
    this.#encoded.push(rules);
  }

  /** The mask for what is decoded already: it looks into no encoding again. */
  get plain_mask(): TextMask {
    return (text) => this.#plain_mask(text);
  }

  #addGlob(glob: KeyGlob, replacement: string): void {
    for (const name of glob.texts) {
      if (literalOf(name) === "") this.#everything ??= replacement;
      else this.#names.set(`${name} of ${glob.key}`, { name, replacement, glob });
    }
  }

  /** Called when all steps are there. */
  seal(): TextMask {
    const everything = this.#everything;
    const detected = (text: string): Masking[] =>
      this.#detected.flatMap((each) => detectedMaskings(text, each));
    const replacement = this.#replacement ?? default_replacement;
    const named = textMask([...this.#names.values()], replacement, detected);
    this.#plain_mask = quickForKnown(
      (text) => everything ?? this.#detected.reduce(maskDetected, named(text)),
    );
    // What is encoded goes first: what is cut out of it would leave a rest that nobody can decode.
    const mask: TextMask = (text) =>
      this.#plain_mask(this.#encoded.reduce((known, rules) => rules.maskText(known), text));
    this.#mask = this.#encoded.length === 0 ? this.#plain_mask : quickForKnown(mask);
    this.#is_sealed = true;
    for (const each of this.#waiting.splice(0)) each(this.#mask);
    return (text) => this.#mask(text);
  }

  /** Gives the mask, as soon as it knows the secrets of the whole chain. */
  whenSealed(take: (mask: TextMask) => void): void {
    if (this.#is_sealed) take(this.#mask);
    else this.#waiting.push(take);
  }
}

/** How many texts are kept, and how long they may be. */
const kept_max = 256;
const kept_length_max = 128;
/** Where hardly any text has come again by the time that so many are kept, the next ones are not even looked up. */
const known_again_min = 16;
const not_looked_up = 4096;

/**
 * The same mask, which knows short texts that it has left as they are: some, such as the user agent `[AWSConfig]`, begin like
 * JSON and come in every other event.
 */
function quickForKnown(mask: TextMask): TextMask {
  const clean = new Set<string>();
  let known_again = 0;
  let unasked = 0;
  return (text) => {
    if (text.length > kept_length_max) return mask(text);
    if (unasked > 0) {
      unasked -= 1;
      return mask(text);
    }
    if (clean.has(text)) {
      known_again += 1;
      return text;
    }
    const masked = mask(text);
    if (masked !== text) return masked;
    if (clean.size >= kept_max) {
      clean.clear();
      if (known_again < known_again_min) unasked = not_looked_up;
      known_again = 0;
    }
    clean.add(text);
    return masked;
  };
}
