/**
 * syslog-ng with its HTTP destination (Debian: syslog-ng-core, syslog-ng-mod-http), batches of 1 MB and two workers.
 * Compression came with version 4.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Contestant, masked, type Race } from "./contestant.ts";

const by_mask: Record<Race["mask"], { steps: string; event: string }> = {
  none: { steps: "", event: "$MESSAGE" },
  text: {
    steps: `rewrite { subst('"Authorization":"[^"]*"', '"Authorization":"${masked}"', value("MESSAGE") type(pcre)); };`,
    event: "$MESSAGE",
  },
  json: {
    steps: `parser { json-parser(prefix(".json.")); };
  rewrite { set("${masked}" value(".json.requestHeader.Authorization")); };`,
    event: "$(format-json --scope none .json.* --shift-levels 2)",
  },
};

export const syslog_ng: Contestant = {
  name: "syslog-ng",
  program: "syslog-ng",
  prepare({ mask, compression }, { directory, log_file, port }) {
    const path = join(directory, "syslog-ng.conf");
    const { steps, event } = by_mask[mask];
    const envelope = `{"host":"bench","source":"${log_file}","sourcetype":"weka:s3:audit","index":"s3_audit","time":$S_UNIXTIME,"event":${event}}`;
    writeFileSync(
      path,
      `@version: 3.38
options { stats-freq(0); log-msg-size(1MiB); use-dns(no); keep-hostname(yes); };
source events {
  file("${log_file}" flags(no-parse) follow-freq(1) log-fetch-limit(1000) log-iw-size(100000));
};
destination splunk {
  http(
    url("http://127.0.0.1:${port}/services/collector/event") method("POST")
    headers("Authorization: Splunk bench", "Content-Type: application/json")
    body('${envelope}') delimiter("\\n") body-suffix("\\n")
    batch-lines(1000) batch-bytes(1024Kb) batch-timeout(1000) workers(2) log-fifo-size(200000)
    ${compression === "gzip" ? 'content-compression("gzip")' : ""}
  );
};
log {
  source(events);
  ${steps}
  destination(splunk); flags(flow-control);
};
`,
    );
    const files = ["--persist-file", "--pidfile", "--control"].map(
      (option) => `${option}=${join(directory, option.slice(2))}`,
    );
    return {
      command: ["syslog-ng", "-F", "--no-caps", "-f", path, ...files],
      check: ["syslog-ng", "--syntax-only", "--no-caps", "-f", path, ...files],
    };
  },
};
