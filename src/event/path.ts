/**
 * Paths: how a user names a value in a record.
 *
 *     api.name   items[0].id   requestHeader["X-Amz-Date"]   users[*].name   *.token   **.Authorization
 *
 * `*` stands for any one key or item, `**` for any number of levels, none included.
 */

export type Segment =
  | { readonly kind: "key"; readonly name: string }
  | { readonly kind: "index"; readonly index: number }
  | { readonly kind: "any" }
  | { readonly kind: "deep" };

export interface PathOptions {
  /** Whether keys match whatever their case, as HTTP header names do. */
  ignore_case?: boolean;
}

/** A compiled path. Made once, at start-up, by parsePath. */
export class Path {
  readonly text: string;
  readonly segments: readonly Segment[];
  readonly ignore_case: boolean;

  constructor(text: string, segments: readonly Segment[], ignore_case: boolean) {
    this.text = text;
    this.segments = segments;
    this.ignore_case = ignore_case;
  }
}
