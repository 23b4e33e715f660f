/** Servers by their URLs, in one form however these are written: that by which the host's own are known again. */

const default_ports: Readonly<Record<string, string>> = {
  "http:": "80",
  "https:": "443",
  "nats:": "4222",
  "tls:": "4222",
};

/** Scheme, host and port of a URL; undefined where it is none of a server that tallyman sends to. */
export function serverOf(text: string): string | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const default_port = url && default_ports[url.protocol];
  if (url === undefined || default_port === undefined || url.hostname === "") return undefined;
  return `${url.protocol}//${url.hostname.toLowerCase()}:${url.port || default_port}`;
}
