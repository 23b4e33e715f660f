/** The page as a whole. */
import { Component, Fragment } from "preact";
import { booksSection, fatesSection } from "./books.ts";
import { FlowPicture } from "./flow-picture.ts";
import { html, type Html } from "./html.ts";
import { lastHour } from "./last-hour.ts";
import { Live, type Seen } from "./live.ts";
import { mark } from "./mark.ts";
import { bytes, clockTime, duration, plural } from "./model/format.ts";
import { type Health, healthOf } from "./model/health.ts";
import { filesSection, outputsSection, storageSection, warningsSection } from "./parts.ts";
import { TryIt } from "./try-it.ts";

export class App extends Component<object, Seen> {
  readonly #live = new Live((seen) => this.setState(seen));

  override state = this.#live.seen;

  override componentDidMount(): void {
    void this.#live.run();
  }

  override componentDidUpdate(): void {
    const { summary } = this.state;
    if (summary !== undefined) document.title = `${summary.host} · tallyman`;
  }

  override render(_: object, seen: Seen): Html {
    const health = healthOf(seen);
    const { summary, is_paused } = seen;
    return html`<${Fragment}>
      <a class="skip" href="#content">Skip to the content</a>
      <header>
        <h1>tallyman</h1>
        <p class="about">${summary === undefined ? "" : aboutOf(seen)}</p>
        <button type="button" onClick=${this.#pause}>${is_paused ? "Go on" : "Pause"}</button>
      </header>
      <main id="content" class=${seen.lost_since_ms === undefined ? "" : "stale"}>
        ${banner(health, seen)} ${seen.summary === undefined ? null : this.#sections(seen)}
      </main>
      <footer>
        <p>
          Read-only.${" "}
          ${summary === undefined ? "" : html`Configuration <code>${summary.config.file}</code>.`}
        </p>
      </footer>
    <//>`;
  }

  readonly #pause = (): void => this.#live.pause(!this.#live.seen.is_paused);

  #sections({ summary, rates, hour }: Seen): Html {
    const all = summary!;
    const problems = all.warnings.length + all.other_warnings;
    return html`${
        problems === 0 ? null : section("warnings", "What needs a look", warningsSection(all))
      }
      ${section("flow", "The flow", html`<${FlowPicture} summary=${all} rates=${rates} />`)}
      ${section("books", "The books", booksSection(all.books))}
      ${section("hour", "The last hour", lastHour(hour))}
      <div class="pair">
        ${section("fates", "Fates by reason", fatesSection(all.books))}
        ${section("outputs", "Outputs and endpoints", outputsSection(all))}
      </div>
      ${section("files", "Files", filesSection(all))}
      ${section("storage", "Journals and quarantine", storageSection(all))}
      ${section(
        "try",
        "Try an event",
        html`<${TryIt} inputs=${all.inputs.map(({ name }) => name).sort()} />`,
      )}`;
  }
}

function section(id: string, title: string, content: Html): Html {
  return html`<section class="card ${id}" aria-labelledby="${id}-title">
    <h2 id="${id}-title">${title}</h2>
    ${content}
  </section>`;
}

/** What is said aloud changes with the state alone, so that a screen reader does not read figures all the time. */
function banner(health: Health, { restarted_at, is_paused }: Seen): Html {
  const { level, sentence, said, is_loss } = health;
  const restarted =
    restarted_at === undefined ? "" : `The agent was started again at ${clockTime(restarted_at)}.`;
  const paused = is_paused ? "This page is paused." : "";
  const notes = [paused, restarted].filter((note) => note !== "").join(" ");
  return html`<div class="banner ${level}">
    ${mark(level, 26)}
    <div>
      <p class="sentence">${sentence}</p>
      ${notes === "" ? null : html`<p class="notes">${notes}</p>`}
    </div>
    <p class="for-ears" role="status">${is_loss ? "" : `${said} ${notes}`}</p>
    <p class="for-ears" role="alert">${is_loss ? said : ""}</p>
  </div>`;
}

function aboutOf({ summary, is_paused, lost_since_ms }: Seen): string {
  const { host, version, pid, uptime_seconds, process, at, files_total } = summary!;
  const is_still = is_paused || lost_since_ms !== undefined;
  const parts = [
    host,
    version,
    `process ${pid}`,
    `up ${duration(uptime_seconds)}`,
    bytes(process.resident_bytes),
    ...(files_total > 0 ? [plural(files_total, "file")] : []),
    `${is_still ? "as of" : "at"} ${clockTime(at)}`,
  ];
  return parts.join(" · ");
}
