/**
 * Secrets that are known by their shape, in whatever text: what previews have of the detectors.
 */
import { Detectors } from "../../detectors/detectors.ts";
import { unitOffsets } from "../../event/strings/detected.ts";

/** A part of a text. */
interface Part {
  readonly start: number;
  readonly end: number;
}

export class ShapedSecrets {
  readonly #detectors: Detectors;

  private constructor(detectors: Detectors) {
    this.#detectors = detectors;
  }

  static async create(): Promise<ShapedSecrets> {
    return new ShapedSecrets(await Detectors.create(["credentials"]));
  }

  /** Whether there may be any in a string of this JSON, or in this text. Quick. */
  mayHold(text: string): boolean {
    const bytes = Buffer.from(text);
    return this.#detectors.mayFind(bytes, 0, bytes.length);
  }

  /** Gives whether parts of this JSON may hold any, asked from left to right; undefined where none does. Quick. */
  mayHoldIn(text: string): ((start: number, end: number) => boolean) | undefined {
    const bytes = Buffer.from(text);
    if (!this.#detectors.mayFind(bytes, 0, bytes.length)) return undefined;
    const mayFind = this.#detectors.mayFindIn(bytes, 0, bytes.length);
    if (bytes.length === text.length) return mayFind;
    let done = 0;
    let byte = 0;
    const byteAt = (at: number): number => {
      byte += Buffer.byteLength(text.slice(done, at));
      done = at;
      return byte;
    };
    return (start, end) => mayFind(byteAt(start), byteAt(end));
  }

  /** What authenticates, in a decoded text, by the first detector that finds it. */
  in(text: string): readonly (Part & { readonly detector: string })[] {
    const bytes = Buffer.from(text);
    const unitAt = unitOffsets(bytes);
    return this.#detectors.find(bytes, 0, bytes.length).flatMap((found) => {
      const { detector, secret = [found] } = found;
      return secret.map(({ start, end }) => ({
        start: unitAt(start),
        end: unitAt(end),
        detector,
      }));
    });
  }
}
