/**
 * Tells requests of a web page from those of a program on this machine. A page from elsewhere can have a browser send
 * requests to loopback; it cannot read what comes, unless its own name leads to loopback (DNS rebinding).
 */
import type { IncomingHttpHeaders } from "node:http";

const loopback_name = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d{1,5})?$/i;

/** Whether a browser sends it for a page that is not the agent's own, or by a name that is not loopback's. */
export function isFromPage(headers: IncomingHttpHeaders): boolean {
  const { host, origin } = headers;
  // Only HTTP/1.0 does without a host, and no browser speaks that.
  if (host !== undefined && !loopback_name.test(host)) return true;
  const site = headers["sec-fetch-site"];
  if (site !== undefined && site !== "none" && site !== "same-origin") return true;
  // The agent's own page comes from the very address that it asks.
  return origin !== undefined && origin.toLowerCase() !== `http://${host}`.toLowerCase();
}
