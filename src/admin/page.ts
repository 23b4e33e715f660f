/**
 * Tells requests of a web page from those of a program on this machine. A page from elsewhere can have a browser send
 * requests to loopback; it cannot read what comes, unless its own name leads to loopback (DNS rebinding).
 */
import type { IncomingHttpHeaders } from "node:http";

const loopback_name = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d{1,5})?$/i;

/** Whether a browser sends it for a page from elsewhere, or by a name that is not loopback's. */
export function isFromPage(headers: IncomingHttpHeaders): boolean {
  const { host, origin } = headers;
  // Only HTTP/1.0 does without a host, and no browser speaks that.
  if (host !== undefined && !loopback_name.test(host)) return true;
  const site = headers["sec-fetch-site"];
  if (site !== undefined && site !== "none" && site !== "same-origin") return true;
  return origin !== undefined && !loopback_name.test(origin.replace(/^https?:\/\//, ""));
}
