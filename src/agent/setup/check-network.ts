/**
 * What is wrong with the way to the output that the configuration describes: its TLS files, and the environment's proxy.
 *
 * It reads files and connects to nothing, so that `tallyman check` does just what `tallyman run` does first.
 */
import type { Config } from "../../config/config.ts";
import { configInvalid } from "../../config/load.ts";
import { splunkOutputs, type NamedSplunkOutput } from "../../config/outputs.ts";
import { endpointsOf, isSecure } from "../../output/splunk-hec/options.ts";
import { chooseProxy, proxyMistake } from "../../output/network/proxy.ts";
import { readTls } from "../../platform/sockets/client-tls.ts";
import type { Complaint } from "../../platform/errors.ts";

export function networkComplaints(
  config: Config,
  environment: NodeJS.ProcessEnv = process.env,
): Complaint[] {
  return splunkOutputs(config).flatMap((output) => {
    const { options, at } = output;
    const { mistakes } = endpointsOf(options).some(isSecure)
      ? readTls(options.tls)
      : { mistakes: [] };
    const complaints = mistakes.map(({ option, message }) =>
      config.complain([...at, "tls", option], message),
    );
    return [...complaints, ...proxyComplaints(output, config, environment)];
  });
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
