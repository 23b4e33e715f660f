/** What the page is shown of an event that somebody has pasted: what each step does to it. It holds no secrets. */

export interface TryQuestion {
  /** The input that it is tried as an event of. */
  readonly input: string;
  readonly text: string;
}

/** Of the events in the text, as many as are shown; or why nothing is. */
export type TryReport =
  | { readonly kind: "tried"; readonly events: readonly TriedEvent[]; readonly others: number }
  | { readonly kind: "refused"; readonly message: string };

export interface TriedEvent {
  readonly fate: "kept" | "filtered" | "dropped" | "quarantined";
  readonly reason?: string | undefined;
  readonly detail?: string | undefined;
  /** The step that ended it. */
  readonly step?: string | undefined;
  readonly output?: string | undefined;
  /** Epoch seconds. */
  readonly time?: string | undefined;
  readonly before: string;
  readonly after?: string | undefined;
  readonly metadata: Readonly<Record<string, string>>;
  readonly steps: readonly TriedStep[];
}

export interface TriedStep {
  readonly step: string;
  readonly plugin: string;
  readonly parts: readonly {
    readonly kind: "same" | "removed" | "inserted";
    readonly text: string;
  }[];
  readonly metadata: readonly {
    readonly name: string;
    readonly before: string | undefined;
    readonly after: string | undefined;
  }[];
}

/** The header that the page sends with it: no page from elsewhere can. */
export const try_header = "x-tallyman-page";
export const try_text_bytes_max = 64 * 1024;
