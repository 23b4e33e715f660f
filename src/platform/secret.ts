/**
 * A secret from the configuration, which prints as `***` wherever it ends up by mistake.
 */
import { inspect } from "node:util";

export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** The secret itself. To be called where it is used, and nowhere else. */
  reveal(): string {
    return this.#value;
  }

  /** The text with `***` in the place of the secret, in whatever case it stands there. */
  hideIn(text: string): string {
    const pattern = this.#value.replaceAll(/\W/g, "\\$&");
    return text.replaceAll(new RegExp(pattern, "gi"), "***");
  }

  toString(): string {
    return "***";
  }

  toJSON(): string {
    return "***";
  }

  [inspect.custom](): string {
    return "***";
  }
}
