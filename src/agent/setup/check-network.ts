/**
 * What is wrong with the way to the output that the configuration describes: its TLS files, and the environment's proxy.
 *
 * It reads files and connects to nothing, so that `tallyman check` does just what `tallyman run` does first.
 */
import type { Config } from "../../config/config.ts";
import { configInvalid } from "../../config/load.ts";
import { fleetPlacesOf } from "../../config/fleet.ts";
import { splunkOutputs, type NamedSplunkOutput } from "../../config/outputs.ts";
import { endpointsOf, isSecure } from "../../output/splunk-hec/options.ts";
import { chooseProxy, proxyMistake } from "../../output/network/proxy.ts";
import { readTls } from "../../platform/sockets/client-tls.ts";
import type { TlsOptions } from "../../platform/sockets/tls-options.ts";
import type { Complaint } from "../../platform/errors.ts";

export function networkComplaints(
  config: Config,
  environment: NodeJS.ProcessEnv = process.env,
): Complaint[] {
  const fleet = fleetPlacesOf(config).flatMap(({ options, at }) =>
    options.servers.some((url) => url.startsWith("tls:"))
      ? tlsComplaints(options.tls, at, config)
      : [],
  );
  const { fleet: own } = config;
  const configuration =
    own !== undefined && own.servers.some((url) => url.startsWith("tls:"))
      ? tlsComplaints(own.tls, ["fleet"], config)
      : [];
  const splunk = splunkOutputs(config).flatMap((output) => {
    const { options, at } = output;
    const is_secure = endpointsOf(options).some(isSecure);
    const complaints = is_secure ? tlsComplaints(options.tls, at, config) : [];
    return [...complaints, ...proxyComplaints(output, config, environment)];
  });
  return [...splunk, ...fleet, ...configuration];
}

function tlsComplaints(tls: TlsOptions, at: readonly string[], config: Config): Complaint[] {
  return readTls(tls).mistakes.map(({ option, message }) =>
    config.complain([...at, "tls", option], message),
  );
}

function proxyComplaints(
  { options, at }: NamedSplunkOutput,
  config: Config,
  environment: NodeJS.ProcessEnv,
): Complaint[] {
  return endpointsOf(options).flatMap((url, number) => {
    const choice = chooseProxy(url, options, environment);
    const mistake = choice && proxyMistake(choice.address.reveal());
    if (choice === undefined || mistake === undefined) return [];
    const message = `the environment variable ${choice.origin} holds no usable proxy: ${mistake}; set "proxy: none" to ignore it`;
    const place = options.endpoints === undefined ? ["url"] : ["endpoints", number];
    return [config.complain([...at, ...place], message)];
  });
}

/** Throws TallymanError config_invalid with all that networkComplaints finds. */
export function refuseBrokenNetwork(config: Config): void {
  const complaints = networkComplaints(config);
  if (complaints.length > 0) throw configInvalid(config.file, complaints);
}
