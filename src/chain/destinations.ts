/**
 * The outputs that the steps of a chain send events to. Each is declared when its step is created, so that a name that
 * is none is reported with its place, and an input whose chain has one way out pays for no other.
 */
import { suggestion } from "../platform/text/suggest.ts";

export class Destinations {
  /** Those that were declared. */
  readonly names = new Set<string>();
  /** All that there are. */
  readonly known: readonly string[];

  constructor(known: readonly string[]) {
    this.known = known;
  }

  /** Declares one, or gives what is wrong with the name. */
  add(name: string): string | undefined {
    if (this.known.includes(name)) {
      this.names.add(name);
      return undefined;
    }
    return `there is no output "${name}"${suggestion(name, [...this.known])}`;
  }
}
