/** What was found out about the last few texts: an event is looked at again and again, as it came in and after each step. */

const texts_max = 4;
const length_max = 64 * 1024;

export class RecentTexts<Found> {
  readonly #found = new Map<string, Found>();

  /** What is found in the text, which is looked at where it is not one of the last. */
  get(text: string, find: (text: string) => Found): Found {
    if (text.length > length_max) return find(text);
    const known = this.#found.get(text);
    if (known !== undefined) return known;
    const found = find(text);
    for (const oldest of this.#found.keys()) {
      if (this.#found.size < texts_max) break;
      this.#found.delete(oldest);
    }
    this.#found.set(text, found);
    return found;
  }
}
