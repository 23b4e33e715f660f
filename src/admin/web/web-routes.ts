/**
 * The page of the agent: its two files, and what it asks for. All of it is read-only. To try an event is something for
 * those whom the mode of the UNIX socket lets in by name: what comes out tells how secrets and pseudonyms are made.
 */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { gzipSync } from "node:zlib";
import type { Clock } from "../../platform/clock.ts";
import { page_files } from "../../platform/places.ts";
import { whyClosedToAll, type AdminOptions } from "../options.ts";
import { jsonAnswer, textAnswer, type AdminRequest, type Answer, type Route } from "../route.ts";
import type { Status } from "../status/status.ts";
import type { HistoryReport } from "./history-report.ts";
import { summaryText } from "./summarize.ts";
import { try_header, try_text_bytes_max, type TryQuestion, type TryReport } from "./tried-event.ts";

/** As JSON, a text may take six times its bytes. */
const try_body_bytes_max = 6 * try_text_bytes_max + 1024;
/** All who look get the same summary for so long. */
const summary_age_ms_min = 900;
const summary_age_ms_max = 5000;
/** Making summaries takes no more than this part of the time, however many files there are. */
const summary_part_max = 1 / 200;

/** Of styles, only those that the page itself holds. */
const contentSecurityPolicy = (styles: string): string =>
  [
    "default-src 'none'",
    "script-src 'self'",
    `style-src ${styles}`,
    "connect-src 'self'",
    "img-src 'self' data:",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; ");

const files = [
  { path: "/", name: "page.html", type: "text/html; charset=utf-8" },
  { path: "/page/page.js", name: "page.js", type: "text/javascript; charset=utf-8" },
] as const;

export interface WebRouteDeps {
  readonly clock: Clock;
  readonly status: () => Promise<Status>;
  readonly history: () => HistoryReport;
  /** "busy" where too many are being tried. */
  readonly tryEvent: (question: TryQuestion) => Promise<TryReport | "busy">;
  /** The options in force. */
  readonly options: () => AdminOptions;
  /** Another value after each reload: what was collected before one is not shown after it. */
  readonly reload: () => unknown;
}

export function webRoutes({ history, tryEvent, options, ...deps }: WebRouteDeps): Route[] {
  const summary = new SharedSummary(deps);
  return [
    ...files.map((file) => get(file.path, fileAnswer(file))),
    get("/page/summary", async () => jsonText(await summary.text())),
    get("/page/history", () => Promise.resolve(jsonAnswer(200, history()))),
    {
      method: "POST",
      path: "/page/try",
      unix_only: true,
      body_bytes_max: try_body_bytes_max,
      answer: (request) => answerTry(request, { tryEvent, options }),
    },
  ];
}

function get(path: string, answer: Route["answer"]): Route {
  return { method: "GET", path, unix_only: false, is_small: true, answer };
}

function jsonText(body: string): Answer {
  return { status: 200, type: "application/json", body };
}

/** A file of the bundle, read and compressed when it is asked for first. */
function fileAnswer({ name, type }: (typeof files)[number]): Route["answer"] {
  let made: Promise<{ plain: Buffer; packed: Buffer; policy: string }> | undefined;
  return async ({ headers }) => {
    made ??= readFile(new URL(name, page_files)).then((plain) => {
      const policy = contentSecurityPolicy(stylesIn(plain));
      return { plain, packed: gzipSync(plain), policy };
    });
    const { plain, packed, policy } = await made;
    const takes_gzip = /\bgzip\b/.test(headers["accept-encoding"] ?? "");
    const kept = { "content-security-policy": policy, vary: "accept-encoding" };
    if (!takes_gzip) return { status: 200, type, body: plain, headers: kept };
    return { status: 200, type, body: packed, headers: { ...kept, "content-encoding": "gzip" } };
  };
}

/** The style sheet that stands in a file, as a Content-Security-Policy names it: by its hash. */
function stylesIn(plain: Buffer): string {
  const sheet = /<style>(.*?)<\/style>/s.exec(plain.toString("utf8"))?.[1];
  if (sheet === undefined) return "'none'";
  return `'sha256-${createHash("sha256").update(sheet).digest("base64")}'`;
}

const too_many: Answer = {
  ...textAnswer(429, "Others are trying events, too. Try again in a few seconds."),
  headers: { "retry-after": "5" },
};

async function answerTry(
  { headers, body }: AdminRequest,
  { tryEvent, options }: Pick<WebRouteDeps, "tryEvent" | "options">,
): Promise<Answer> {
  if (headers[try_header] === undefined) {
    return textAnswer(403, `Send the header ${try_header}, as the agent's own page does.`);
  }
  const question = questionIn(body);
  if (question === undefined) return textAnswer(400, 'Send {"input": "…", "text": "…"} as JSON.');
  if (Buffer.byteLength(question.text) > try_text_bytes_max) {
    return textAnswer(413, "That is too long: an event may have 64 KiB here.");
  }
  const message = whyClosedToAll(options(), "no event is tried on it");
  if (message !== undefined) return jsonAnswer(200, refused(message));
  const report = await tryEvent(question);
  return report === "busy" ? too_many : jsonAnswer(200, report);
}

function refused(why: string): TryReport {
  return { kind: "refused", message: `${why.charAt(0).toUpperCase()}${why.slice(1)}.` };
}

function questionIn(body: string): TryQuestion | undefined {
  try {
    const { input, text } = JSON.parse(body) as Record<string, unknown>;
    return typeof input === "string" && typeof text === "string" ? { input, text } : undefined;
  } catch {
    return undefined;
  }
}

type SummaryDeps = Pick<WebRouteDeps, "clock" | "status" | "reload">;

/** One summary for all who look at the page, made no more often than its cost allows, and again after a reload. */
class SharedSummary {
  readonly #deps: SummaryDeps;
  #text: Promise<string> | undefined;
  #fresh_until_ms = -Infinity;
  /** What it was collected after. */
  #reload: unknown;

  constructor(deps: SummaryDeps) {
    this.#deps = deps;
  }

  text(): Promise<string> {
    const reload = this.#deps.reload();
    const is_fresh = this.#deps.clock.monotonic() < this.#fresh_until_ms;
    if (this.#text === undefined || !is_fresh || this.#reload !== reload) {
      this.#fresh_until_ms = Infinity;
      this.#reload = reload;
      this.#text = this.#make();
    }
    return this.#text;
  }

  async #make(): Promise<string> {
    const { clock, status } = this.#deps;
    const began_ms = clock.monotonic();
    try {
      return summaryText(await status());
    } finally {
      const now_ms = clock.monotonic();
      const age_ms = (now_ms - began_ms) / summary_part_max;
      this.#fresh_until_ms =
        began_ms + Math.min(summary_age_ms_max, Math.max(summary_age_ms_min, age_ms));
    }
  }
}
