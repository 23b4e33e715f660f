/**
 * Whether connections to a server go through a proxy, and through which: from the options and the environment.
 *
 * The environment is read as curl reads it: both spellings, the lower-case one first, but HTTP_PROXY not at all, since
 * a CGI program would take it from a request's header. A server on this machine is not reached through a proxy of the
 * environment, as in Go.
 */
import { BlockList, isIP } from "node:net";
import { Secret } from "../../platform/secret.ts";

/** As in the options of an output. */
export interface ProxyOptions {
  readonly proxy?: Secret | "none" | undefined;
  readonly no_proxy?: readonly string[] | undefined;
}

export interface Proxy {
  readonly protocol: "http:" | "https:";
  /** A name, or an address without brackets. */
  readonly host: string;
  readonly port: number;
  /** The value of a Proxy-Authorization header (RFC 7617). Secret. */
  readonly authorization: string | undefined;
  /** To be shown: without credentials. */
  readonly shown: string;
}

export interface ProxyChoice {
  /** Where it is set: the option, or the variable. */
  readonly origin: string;
  /** As it is written, credentials included. */
  readonly address: Secret;
}

/** What is wrong with `text` as a proxy's address, without repeating it; undefined where nothing is. */
export function proxyMistake(text: string): string | undefined {
  const parsed = parse(text);
  return typeof parsed === "string" ? parsed : undefined;
}

/** The proxy that `text` says. Throws where proxyMistake finds one. */
export function parseProxy(text: string): Proxy {
  const parsed = parse(text);
  if (typeof parsed === "string") throw new Error(parsed);
  return parsed;
}

/** Whether a pattern of `no_proxy` can be the one of any server: `a.com, b.com` in one text is none, nor is a URL. */
export function isPattern(text: string): boolean {
  if (text === "*" || networkOf(text) !== undefined) return true;
  const { host } = splitPort(text);
  return isIP(host) !== 0 || /^(?:\*?\.)?[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?$/.test(host);
}

/** What says which proxy the server at `url` is reached through; undefined for none. */
export function chooseProxy(
  url: string,
  { proxy, no_proxy }: ProxyOptions,
  environment: NodeJS.ProcessEnv,
): ProxyChoice | undefined {
  const { protocol, hostname, port } = new URL(url);
  const target = { host: bare(hostname), port: portOf(protocol, port) };
  if (proxy === "none") return undefined;
  const exceptions = no_proxy ?? patternsIn(environment);
  if (exceptions.some((pattern) => matches(pattern, target))) return undefined;
  if (proxy !== undefined) return { origin: "output.proxy", address: proxy };
  if (isLocal(target.host)) return undefined;
  const names = protocol === "https:" ? ["https_proxy", "HTTPS_PROXY"] : ["http_proxy"];
  const origin = names.find((name) => environment[name]);
  return origin === undefined ? undefined : { origin, address: new Secret(environment[origin]!) };
}

interface Target {
  host: string;
  port: number;
}

function parse(text: string): Proxy | string {
  const example = "such as http://proxy.example.com:3128";
  // The parser of URLs takes them out, which makes another password.
  if (/[\t\r\n]/.test(text)) return `expected no tabs and line ends, ${example}`;
  const whole = text.includes("://") ? text : `http://${text}`;
  const url = URL.canParse(whole) ? new URL(whole) : undefined;
  if (url === undefined || url.hostname === "") return `expected the URL of a proxy, ${example}`;
  const { protocol, username, password, port } = url;
  if (protocol !== "http:" && protocol !== "https:")
    return `expected http:// or https://, ${example}`;
  // Part of a password with a "/" in it would be taken for one, too, and the rest for the host.
  if (url.pathname !== "/" || /[?#]/.test(whole)) {
    return `expected no more than host and port, ${example}; in a password, "/" is %2F, "?" %3F and "#" %23`;
  }
  const credentials = [username, password].map(decoded);
  if (credentials.includes(undefined)) return 'a "%" in name or password is written as %25';
  const given = username !== "" || password !== "";
  const joined = Buffer.from(credentials.join(":")).toString("base64");
  const host = bare(url.hostname);
  return {
    protocol,
    host,
    port: portOf(protocol, port),
    authorization: given ? `Basic ${joined}` : undefined,
    shown: `${protocol}//${isIP(host) === 6 ? `[${host}]` : host}:${portOf(protocol, port)}`,
  };
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

function portOf(protocol: string, port: string): number {
  return port === "" ? (protocol === "https:" ? 443 : 80) : Number(port);
}

/** An IPv6 address without its brackets, a name without the dot at its end, in lower case. */
function bare(host: string): string {
  return host
    .toLowerCase()
    .replace(/^\[(.*)\]$/, "$1")
    .replace(/(?<=.)\.$/, "");
}

function isLocal(host: string): boolean {
  return /^localhost$|\.localhost$|^127\.[\d.]+$|^::1$/.test(host);
}

function patternsIn(environment: NodeJS.ProcessEnv): string[] {
  const text = environment["no_proxy"] || environment["NO_PROXY"] || "";
  return text.split(/[\s,]+/).filter((pattern) => pattern !== "");
}

function matches(pattern: string, { host, port }: Target): boolean {
  if (pattern === "*") return true;
  const network = networkOf(pattern);
  if (network !== undefined) {
    const family = isIP(host);
    return family !== 0 && network.check(host, family === 6 ? "ipv6" : "ipv4");
  }
  const { host: name, port: only } = splitPort(pattern);
  if (only !== undefined && only !== port) return false;
  if (isIP(name) !== 0 || isIP(host) !== 0) return sameAddress(name, host);
  // A name stands for itself and for all below it, however that is written.
  const suffix = name.replace(/^\*?\./, "");
  return suffix !== "" && (host === suffix || host.endsWith(`.${suffix}`));
}

/** The addresses that `10.0.0.0/8` or `fd00::/8` stands for. */
function networkOf(pattern: string): BlockList | undefined {
  const [, address = "", bits = ""] = /^\[?([^\]/]+)\]?\/(\d{1,3})$/.exec(pattern) ?? [];
  const family = isIP(address);
  if (family === 0 || Number(bits) > (family === 6 ? 128 : 32)) return undefined;
  const network = new BlockList();
  network.addSubnet(address, Number(bits), family === 6 ? "ipv6" : "ipv4");
  return network;
}

function splitPort(pattern: string): { host: string; port?: number } {
  // Of an address with several colons the last is no port's, unless there are brackets.
  const [, host, port] = /^(\[[^\]]*\]|[^:]*):(\d{1,5})$/.exec(pattern) ?? [];
  if (host === undefined) return { host: bare(pattern) };
  return { host: bare(host), port: Number(port) };
}

/** Whether both are the same address, however written. */
function sameAddress(one: string, other: string): boolean {
  const family = isIP(one);
  if (family === 0 || isIP(other) !== family) return false;
  const list = new BlockList();
  list.addAddress(one, family === 6 ? "ipv6" : "ipv4");
  return list.check(other, family === 6 ? "ipv6" : "ipv4");
}
