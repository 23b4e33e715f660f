/**
 * How the output reaches its server, in plain sentences.
 */
import { endpointsOf, isSecure, type SplunkHecOptions } from "../../output/splunk-hec/options.ts";
import { chooseProxy, parseProxy } from "../../output/network/proxy.ts";
import { formatDuration } from "../../platform/text/units.ts";

export function explainNetwork(
  output: SplunkHecOptions,
  environment: NodeJS.ProcessEnv = process.env,
): string[] {
  const urls = endpointsOf(output);
  const ways = new Set(urls.map((url) => explainWay(url, output, environment)));
  const time = `connect timeout ${formatDuration(output.connect_timeout)}`;
  const connections = [...ways].map((way) => `Connects ${way}; ${time}.`);
  return urls.some(isSecure) ? [...connections, explainTls(output.tls)] : connections;
}

function explainWay(url: string, output: SplunkHecOptions, environment: NodeJS.ProcessEnv): string {
  const choice = chooseProxy(url, output, environment);
  if (choice === undefined) return "directly, without a proxy";
  return `through the proxy ${parseProxy(choice.address.reveal()).shown} (${choice.origin})`;
}

function explainTls({
  ca_file,
  cert_file,
  server_name,
  min_version,
  verify,
}: SplunkHecOptions["tls"]): string {
  const name = server_name === undefined ? "" : ` for the name ${server_name}`;
  const trusted = ca_file === undefined ? "that this machine trusts" : `in ${ca_file}`;
  const own = cert_file === undefined ? "" : ` Client certificate: ${cert_file}.`;
  if (!verify) return `TLS ${min_version} or newer; server certificates are NOT verified.${own}`;
  return `TLS ${min_version} or newer; the server's certificate must be${name} from an authority ${trusted}.${own}`;
}
