/**
 * How the output reaches its server, in plain sentences.
 */
import { chooseProxy, parseProxy } from "../output/proxy.ts";
import { formatDuration } from "../platform/units.ts";
import type { Config } from "./config.ts";

export function explainNetwork(
  { url, ...network }: Config["output"],
  environment: NodeJS.ProcessEnv = process.env,
): string[] {
  const choice = chooseProxy(url, network, environment);
  const way =
    choice === undefined
      ? "directly, without a proxy"
      : `through the proxy ${parseProxy(choice.address.reveal()).shown} (${choice.origin})`;
  const connection = `It is reached ${way}; a connection may take ${formatDuration(network.connect_timeout)} to open.`;
  return url.startsWith("https:") ? [connection, explainTls(network.tls)] : [connection];
}

function explainTls({
  ca_file,
  cert_file,
  server_name,
  min_version,
  verify,
}: Config["output"]["tls"]): string {
  const name = server_name === undefined ? "" : ` for the name ${server_name}`;
  const trusted = ca_file === undefined ? "that the machine trusts" : `in ${ca_file}`;
  const own = cert_file === undefined ? "" : ` tallyman shows the certificate in ${cert_file}.`;
  if (!verify)
    return `TLS ${min_version} or newer, with whoever answers: certificates are NOT verified.${own}`;
  return `TLS ${min_version} or newer; its certificate must be${name} from an authority ${trusted}.${own}`;
}
