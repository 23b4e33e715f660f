/**
 * The route on which somebody watches events pass.
 *
 * Events are more than a status: they are redacted, and still they are an audit log. So it is there for those alone whom the
 * mode of the UNIX socket lets in by name (user and group), and elsewhere only where the configuration says so.
 */
import { whyClosedToAll, type AdminOptions } from "../options.ts";
import { textAnswer, type Client, type Route } from "../route.ts";
import { tap_path, tapRequestIn, type TapRequest } from "./tap-messages.ts";

export interface TapRouteDeps {
  /** The options in force. */
  readonly options: () => AdminOptions;
  /** Why no more can watch now; undefined where one can. */
  readonly refusal: (request: TapRequest) => string | undefined;
  readonly open: (request: TapRequest, client: Client) => void;
}

export function tapRoute({ options, refusal, open }: TapRouteDeps): Route {
  return {
    method: "GET",
    path: tap_path,
    get unix_only() {
      return options().tap !== true;
    },
    answer({ query }) {
      return Promise.resolve(answerTo(query));
    },
  };

  function answerTo(query: URLSearchParams): Awaited<ReturnType<Route["answer"]>> {
    const closed = whyClosed(options());
    if (closed !== undefined) return textAnswer(403, closed);
    const request = tapRequestIn(query);
    if (request === undefined) return textAnswer(400, "The rate is no number, or too high.");
    const full = refusal(request);
    if (full !== undefined) return textAnswer(503, full);
    return { type: "application/x-ndjson", begin: (client) => open(request, client) };
  }
}

/** Why nobody may watch events; undefined where those may who reach the listener. */
function whyClosed(options: AdminOptions): string | undefined {
  if (options.tap === false) return "watching events is turned off (`admin.tap: false`)";
  return whyClosedToAll(options, "events are not shown on it");
}
