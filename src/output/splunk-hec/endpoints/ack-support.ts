/**
 * Whether requests with one token are promised acknowledgements: what each endpoint has shown so far, and what is to be
 * assumed of one that has shown nothing. Outputs that follow one another with the same token share it.
 */
export class AckSupport {
  readonly #by_url = new Map<string, boolean>();

  /** Undefined until the endpoint has shown it. */
  shownBy(url: string): boolean | undefined {
    return this.#by_url.get(url);
  }

  note(url: string, promises: boolean): void {
    this.#by_url.set(url, promises);
  }

  /** As the endpoint has shown, or else as any other has. */
  assumedOf(url: string): boolean {
    return this.#by_url.get(url) ?? [...this.#by_url.values()].includes(true);
  }
}
