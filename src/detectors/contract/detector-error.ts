/** What is wrong with a name of a detector, or with a user's own pattern. */

export class DetectorError extends Error {
  override readonly name = "DetectorError";
  /** Which option it is in, and the number of the entry there. */
  readonly option: "detect" | "patterns";
  readonly index: number;

  constructor(option: "detect" | "patterns", index: number, message: string) {
    super(message);
    this.option = option;
    this.index = index;
  }
}
