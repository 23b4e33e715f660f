/** The mark that says how something is, by its shape as well as by its colour. */
import { html, type Html } from "./html.ts";
import type { Level } from "./model/health.ts";

/** How something is; or that it is only mentioned. */
export type Mark = Level | "hint";

const shapes: Readonly<Record<Mark, Html>> = {
  good: html`<circle cx="8" cy="8" r="7" /><path d="M4.6 8.2l2.3 2.3 4.4-4.8" />`,
  notice: html`<path class="body" d="M8 1.2L15.2 14.4H.8z" /><path d="M8 6v4M8 12v.4" />`,
  bad: html`<rect x="1" y="1" width="14" height="14" rx="3" /><path d="M5 5l6 6M11 5l-6 6" />`,
  hint: html`<circle cx="8" cy="8" r="7" /><path d="M8 7.4v3.8M8 4.7v.2" />`,
};

const words: Readonly<Record<Mark, string>> = {
  good: "well",
  notice: "needs a look",
  bad: "in trouble",
  hint: "hint",
};

export function mark(level: Mark, size = 16): Html {
  return html`<svg
    class="mark ${level}"
    width=${size}
    height=${size}
    viewBox="0 0 16 16"
    aria-hidden="true"
  >
    ${shapes[level]}
  </svg>`;
}

/** The mark with its meaning as a word for screen readers. */
export function markSaid(level: Mark): Html {
  return html`${mark(level)}<span class="for-ears">${words[level]}: </span>`;
}
