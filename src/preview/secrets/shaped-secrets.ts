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
