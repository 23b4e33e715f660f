/**
 * One endpoint of an output, from its name to a test event in every index.
 */
import { HecClient } from "../../output/splunk-hec/endpoints/hec-client.ts";
import type { SplunkHecOptions } from "../../output/splunk-hec/options.ts";
import { Connector } from "../../output/network/connection.ts";
import type { Clock } from "../../platform/clock.ts";
import { silentLogger } from "../../platform/log.ts";
import { checkAcknowledgement, checkClock, checkHealth, checkToken } from "./check-collector.ts";
import { checkEvent, type TestEvent } from "./check-events.ts";
import { checkAddresses, checkName, hostOf } from "./check-reach.ts";
import {
  causeOf,
  checkOpened,
  explainFailure,
  openAsOutput,
  speaksTls,
  type Handshake,
  type TlsCheckDeps,
} from "./check-tls.ts";
import { Collector } from "./collector.ts";
import { Findings, type CheckName } from "../findings/finding.ts";
import type { Step } from "../findings/step.ts";

/** Of one step; a Splunk that needs longer for one small request would keep nothing up. */
const limit_ms = 6000;
/** With the time that an acknowledgement may take. */
const event_limit_ms = 12_000;

export interface EndpointCheckDeps {
  readonly url: string;
  readonly options: SplunkHecOptions;
  readonly events: readonly TestEvent[];
  /** Whether the events are to be sent. */
  readonly send: boolean;
  readonly clock: Clock;
}

/** Steps, and what ends the connections that they have opened. */
export interface EndpointCheck {
  readonly steps: readonly Step[];
  close(): Promise<void>;
}

/** What is to be looked at for one endpoint, in order. */
export function endpointCheck(deps: EndpointCheckDeps): EndpointCheck {
  const { url, options, clock } = deps;
  const network = {
    ...options,
    connect_timeout: Math.min(options.connect_timeout, limit_ms - 500),
  };
  const facts_of_way = { url, network, clock };
  const way = wayTo(facts_of_way);
  const client = new HecClient({
    url,
    network,
    token: options.token,
    connections: 1,
    timeout_ms: Math.min(options.timeout, limit_ms - 500),
    clock,
    log: silentLogger,
  });
  const collector = new Collector({
    client,
    token: options.token,
    ignores_acks: options.ack === "off",
    clock,
  });
  return {
    steps: [...way.steps, ...collectorSteps(collector, deps, facts_of_way)],
    async close() {
      await way.close();
      await client.close();
    },
  };
}

/** Name, connection, proxy and TLS: where there is a proxy, the first two are its own. */
function wayTo(deps: TlsCheckDeps): EndpointCheck {
  const { url, clock } = deps;
  const { proxy } = new Connector({ ...deps, log: silentLogger });
  const host = hostOf(proxy?.shown ?? url);
  const subject = proxy === undefined ? url : `proxy ${proxy.shown}`;
  const addresses: string[] = [];
  const dns: Step = {
    check: "dns",
    subject,
    limit_ms,
    late: "name_resolution",
    run: () => checkName(host, subject, addresses),
  };
  const tcp: Step = {
    check: "tcp",
    subject,
    needs: ["dns"],
    limit_ms,
    late: "timeout",
    run: () => checkAddresses(host, addresses, { subject, clock }),
  };
  const connection = connectionSteps(deps, proxy);
  return { steps: [dns, tcp, ...connection.steps], close: () => connection.close() };
}

/** The proxy is asked and TLS is spoken on one connection. */
function connectionSteps(
  deps: TlsCheckDeps,
  proxy: { shown: string; origin: string } | undefined,
): EndpointCheck {
  const { url } = deps;
  const of_proxy = new Findings("proxy", url);
  const of_tls = new Findings("tls", url);
  let opening: Promise<Handshake> | undefined;
  const handshake = (): Promise<Handshake> => (opening ??= openAsOutput(deps));
  const proxyStep: Step = {
    check: "proxy",
    subject: url,
    needs: ["tcp"],
    limit_ms,
    late: "proxy_error",
    async run() {
      const result = await handshake();
      if ("failure" in result && result.failure.code.startsWith("PROXY_")) {
        const { code, message } = result.failure;
        return [of_proxy.fault(causeOf(code), message)];
      }
      return [of_proxy.ok(`${proxy!.shown}, set by ${proxy!.origin}, connects to the server`)];
    },
  };
  const tlsStep: Step = {
    check: "tls",
    subject: url,
    needs: ["tcp", "proxy"],
    limit_ms,
    late: "timeout",
    async run() {
      if (proxy === undefined && url.startsWith("http:")) {
        return [of_tls.skipped("an http:// URL has no TLS")];
      }
      const result = await handshake();
      if ("failure" in result) return [await explainFailure(result.failure, deps, of_tls)];
      return checkOpened(result.socket, deps, of_tls);
    },
  };
  return {
    steps: proxy === undefined ? [tlsStep] : [proxyStep, tlsStep],
    async close() {
      // Nobody waits for one that is still being opened.
      void opening?.then((result) => "socket" in result && result.socket.destroy());
    },
  };
}

/** What the collector itself says. */
function collectorSteps(collector: Collector, deps: EndpointCheckDeps, way: TlsCheckDeps): Step[] {
  const { url, options, clock, events, send } = deps;
  const open: CheckName[] = ["tcp", "proxy", "tls"];
  const step = (check: CheckName, needs: CheckName[], run: Step["run"]): Step => ({
    check,
    subject: url,
    needs,
    limit_ms,
    late: "timeout",
    run,
  });
  const silent = (): string | undefined =>
    collector.answered ? undefined : "the collector gave no answer";
  const left_out = "not sent (--no-send), so the permission for the index was not checked";
  const event = events.map((each) => ({
    ...step("event", ["token", "ack"], () => checkEvent(collector, each, { url, options, clock })),
    limit_ms: event_limit_ms,
  }));
  const no_event = step("event", ["token", "ack"], async () => [
    new Findings("event", url).skipped(left_out),
  ]);
  return [
    step("health", open, async () => {
      const found = await checkHealth(collector, url);
      const healthy = found.every(({ verdict }) => verdict === "ok");
      if (healthy || url.startsWith("https:") || !(await speaksTls(way))) return found;
      collector.answered = false;
      return [
        new Findings("health", url).fault("tls_expected", "the server speaks TLS on this port"),
      ];
    }),
    { ...step("token", open, () => checkToken(collector, url)), unless: silent },
    step("ack", ["token"], () => checkAcknowledgement(collector, url, { options, clock })),
    ...(send ? event : [no_event]),
    step("clock", open, async () => [checkClock(collector, url)]),
  ];
}
