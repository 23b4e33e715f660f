/** How components of the page are written: HTML in templates, without a compiler. */
import htm from "htm";
import { h, type ComponentChild } from "preact";

export type Html = ComponentChild;

/** Its types are those of a module of another kind. */
const bound = htm as unknown as { bind(create: typeof h): unknown };

export const html = bound.bind(h) as (
  strings: TemplateStringsArray,
  ...values: unknown[]
) => ComponentChild;
