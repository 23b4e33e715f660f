/** The panel in which an event is tried: what each step of the chain does to it. */
import { Component } from "preact";
import type { TriedEvent, TriedStep, TryQuestion, TryReport } from "../admin/web/tried-event.ts";
import { html, type Html } from "./html.ts";
import { mark } from "./mark.ts";
import { plural } from "./model/format.ts";

interface Props {
  readonly inputs: readonly string[];
}

interface State {
  readonly input: string | undefined;
  readonly text: string;
  readonly is_busy: boolean;
  readonly report: TryReport | undefined;
}

const not_here =
  "Events are tried over the UNIX socket of the agent only, since what comes out tells how secrets are replaced. Forward the socket to a port of your machine: ssh -L 9464:/var/lib/tallyman/admin.sock HOST, and open http://localhost:9464/.";

export class TryIt extends Component<Props, State> {
  override state: State = { input: undefined, text: "", is_busy: false, report: undefined };

  override render({ inputs }: Props, { input, text, is_busy, report }: State): Html {
    return html`<form class="try" onSubmit=${this.#submit}>
        <p class="note" id="try-note">
          Nothing is sent, counted or kept. Secrets are shown as tags, as by${" "}
          <code>tallyman try</code>.
        </p>
        <div class="fields">
          <label for="try-input">Input</label>
          <select id="try-input" value=${input ?? inputs[0]} onChange=${this.#choose}>
            ${inputs.map((name) => html`<option key=${name} value=${name}>${name}</option>`)}
          </select>
          <label for="try-text">Event</label>
          <textarea
            id="try-text"
            rows="5"
            spellcheck="false"
            autocomplete="off"
            aria-describedby="try-note"
            placeholder='{"user": "alice", "action": "login"}'
            value=${text}
            onInput=${this.#type}
          ></textarea>
          <button type="submit" class="main" disabled=${is_busy || text.trim() === ""}>
            ${is_busy ? "Trying…" : "Try it"}
          </button>
        </div>
      </form>
      <div class="tried" role="status">${report === undefined ? null : reportOf(report)}</div>`;
  }

  readonly #choose = (event: Event): void => {
    this.setState({ input: (event.target as HTMLSelectElement).value });
  };

  readonly #type = (event: Event): void => {
    this.setState({ text: (event.target as HTMLTextAreaElement).value });
  };

  readonly #submit = (event: Event): void => {
    event.preventDefault();
    const { input, text } = this.state;
    void this.#try({ input: input ?? this.props.inputs[0] ?? "", text });
  };

  async #try(question: TryQuestion): Promise<void> {
    this.setState({ is_busy: true });
    this.setState({ is_busy: false, report: await answerTo(question) });
  }
}

/** Never rejects. */
async function answerTo(question: TryQuestion): Promise<TryReport> {
  try {
    const answer = await fetch("/page/try", {
      method: "POST",
      headers: { "content-type": "application/json", "x-tallyman-page": "try" },
      body: JSON.stringify(question),
    });
    if (answer.ok) return (await answer.json()) as TryReport;
    const message = answer.status === 404 ? not_here : await answer.text();
    return { kind: "refused", message };
  } catch {
    return { kind: "refused", message: "The agent does not answer." };
  }
}

function reportOf(report: TryReport): Html {
  if (report.kind === "refused") {
    return html`<p class="refused">${mark("notice")} ${report.message}</p>`;
  }
  const { events, others } = report;
  if (events.length === 0) return html`<p class="note">There is no event in this text.</p>`;
  return html`${events.map((event) => eventOf(event))}
  ${others === 0 ? null : html`<p class="note">And ${plural(others, "event")} more.</p>`}`;
}

function eventOf(event: TriedEvent): Html {
  const { fate, before, after, steps, metadata, time, detail } = event;
  const rows = Object.entries({ ...metadata, ...(time !== undefined && { time }) });
  return html`<article class="event">
    <h3>
      <span class="fate ${fate === "kept" ? "delivered" : fate}">${fate}</span> ${whyOf(event)}
    </h3>
    ${detail === undefined ? null : html`<p class="note">${detail}</p>`}
    <ol>
      <li>
        <h4>As it came in</h4>
        <pre tabindex="0" aria-label="The event as it came in">${before}</pre>
      </li>
      ${steps.map(
        (step) =>
          html`<li>
            <h4>${step.step} <small>${step.plugin}</small></h4>
            ${changesOf(step)}
          </li>`,
      )}
      ${steps.length === 0 ? html`<li class="note">No step changes it.</li>` : null}
      ${
        after === undefined
          ? null
          : html`<li>
              <h4>As it is sent</h4>
              <pre tabindex="0" aria-label="The event as it is sent">${after}</pre>
              <dl>
                ${rows.map(
                  ([name, value]) =>
                    html`<div>
                      <dt>${name}</dt>
                      <dd>${value}</dd>
                    </div>`,
                )}
              </dl>
            </li>`
      }
    </ol>
  </article>`;
}

function whyOf({ fate, output, step, reason }: TriedEvent): string {
  if (fate === "kept") return output === undefined ? "" : `and sent to ${output}`;
  return [
    step === undefined ? "" : `by ${step}`,
    reason === undefined || reason === step ? "" : `(${reason})`,
  ]
    .filter((part) => part !== "")
    .join(" ");
}

function changesOf({ parts, metadata, step }: TriedStep): Html {
  const is_changed = parts.some(({ kind }) => kind !== "same");
  return html`${
    is_changed
      ? html`<pre tabindex="0" aria-label=${`What ${step} changes`}>
${parts.map(({ kind, text }) => partOf(kind, text))}</pre>`
      : null
  }
  ${
    metadata.length === 0
      ? null
      : html`<dl>
          ${metadata.map(
            ({ name, before, after }) =>
              html`<div>
                <dt>${name}</dt>
                <dd>
                  ${before === undefined ? null : html`<del>${before}</del> `}
                  ${after === undefined ? null : html`<ins>${after}</ins>`}
                </dd>
              </div>`,
          )}
        </dl>`
  }`;
}

function partOf(kind: TriedStep["parts"][number]["kind"], text: string): Html {
  if (kind === "removed") return html`<del>${text}</del>`;
  return kind === "inserted" ? html`<ins>${text}</ins>` : text;
}
