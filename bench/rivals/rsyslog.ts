/**
 * rsyslog with its HTTP output, batches of 1,000 events and two workers. The module omhttp is not in Debian 12's package; the
 * case is passed over where it is missing. It can mask by text only.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Contestant, masked } from "./contestant.ts";

/** Of `re_extract`: the part in brackets of the first match. */
const before = `re_extract($msg, '^(.*"Authorization":")[^"]*".*$', 0, 1, "")`;
const behind = `re_extract($msg, '^.*"Authorization":"[^"]*(".*)$', 0, 1, "")`;
const mask_statements = `  set $.before = ${before};
  set $.behind = ${behind};
  if ($.before != "") then { set $.event = $.before & "${masked}" & $.behind; } else { set $.event = $msg; }`;

export const rsyslog: Contestant = {
  name: "rsyslog",
  program: "rsyslogd",
  prepare({ mask, compression }, { directory, log_file, port }) {
    if (mask === "json") return undefined;
    const path = join(directory, "rsyslog.conf");
    writeFileSync(
      path,
      `global(workDirectory="${directory}" maxMessageSize="1m")
module(load="imfile")
module(load="omhttp")
template(name="envelope" type="list") {
  constant(value="{\\"host\\":\\"bench\\",\\"sourcetype\\":\\"weka:s3:audit\\",\\"index\\":\\"s3_audit\\",\\"time\\":")
  property(name="timegenerated" dateFormat="unixtimestamp")
  constant(value=",\\"event\\":") property(name="$.event") constant(value="}")
}
ruleset(name="events" queue.type="LinkedList" queue.size="100000" queue.dequeueBatchSize="1000" queue.workerThreads="2") {
${mask === "text" ? mask_statements : "  set $.event = $msg;"}
  action(
    type="omhttp" server="127.0.0.1" serverport="${port}" restpath="services/collector/event" useHttps="off"
    httpheaders=["Authorization: Splunk bench"] template="envelope"
    batch="on" batch.format="newline" batch.maxsize="1000" batch.maxbytes="1048576"
    compress="${compression === "gzip" ? "on" : "off"}" compress.level="1"
  )
}
input(type="imfile" file="${log_file}" tag="s3_audit" ruleset="events" readMode="0")
`,
    );
    const pid_file = join(directory, "pid");
    return {
      command: ["rsyslogd", "-n", "-f", path, "-i", pid_file],
      check: ["rsyslogd", "-N1", "-f", path, "-i", pid_file],
    };
  },
};
