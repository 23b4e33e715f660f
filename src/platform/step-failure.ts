/**
 * What goes wrong in a step by tallyman's own judgement, such as a call of the plugin API with a wrong value.
 *
 * The messages of other errors are never shown, since they may hold what the step was looking at. These are: their text is
 * tallyman's own, and holds nothing of the event.
 */
export class StepFailure extends Error {
  override readonly name = "StepFailure";
  /** Apart from `message`, which a plugin that catches it could write the event into. */
  readonly #text: string;

  constructor(text: string) {
    super(text);
    this.#text = text;
  }

  /** The text that it was made with; undefined for anything else that was thrown. */
  static textOf(thrown: unknown): string | undefined {
    const is_own = typeof thrown === "object" && thrown !== null && #text in thrown;
    return is_own ? thrown.#text : undefined;
  }
}
