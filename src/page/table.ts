/** Tables of the page: with a caption for those who do not see it, and a frame that scrolls where they are too wide. */
import { html, type Html } from "./html.ts";

export interface Column {
  readonly title: string;
  /** Whether it holds numbers. */
  readonly is_number?: boolean;
}

export interface TableParts {
  readonly caption: string;
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly Html[])[];
  /** Said below, such as how many rows are left out. */
  readonly note?: string | undefined;
}

export function table({ caption, columns, rows, note }: TableParts): Html {
  const kind = (at: number): string => (columns[at]?.is_number === true ? "number" : "");
  return html`<div class="table-frame" tabindex="0" role="group" aria-label=${caption}>
      <table>
        <caption class="for-ears">
          ${caption}
        </caption>
        <thead>
          <tr>
            ${columns.map(({ title }, at) => html`<th scope="col" class=${kind(at)}>${title}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${rows.map(
            (cells) =>
              html`<tr>
                ${cells.map((cell, at) =>
                  at === 0
                    ? html`<th scope="row" class=${kind(at)}>${cell}</th>`
                    : html`<td class=${kind(at)}>${cell}</td>`,
                )}
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
    ${note === undefined ? null : html`<p class="note">${note}</p>`}`;
}

/** A table that is there on request, beside a picture that shows the same. */
export function tableBehind(label: string, parts: TableParts): Html {
  return html`<details class="as-table">
    <summary>${label}</summary>
    ${table(parts)}
  </details>`;
}

/** "…and 12 more"; undefined for none. */
export function andMore(others: number, what: string): string | undefined {
  return others > 0 ? `And ${others} more ${what}.` : undefined;
}
