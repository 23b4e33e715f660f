/**
 * docs/operations/troubleshooting.md, from the causes that `tallyman doctor` can name.
 */
import type { CauseEntry } from "../../src/doctor/findings/cause-entry.ts";
import { collector_causes } from "../../src/doctor/findings/collector-causes.ts";
import {
  configuration_causes,
  input_causes,
  state_causes,
} from "../../src/doctor/findings/local-causes.ts";
import {
  nats_causes,
  network_causes,
  proxy_causes,
  tls_causes,
} from "../../src/doctor/findings/network-causes.ts";

export function troubleshooting(): string {
  return [
    preface,
    section("Configuration and plugins", configuration_causes),
    section("Files and listeners of the inputs", input_causes),
    section("The state directory", state_causes),
    section("The network", network_causes),
    section("The proxy", proxy_causes),
    section("TLS", tls_causes),
    section("NATS and fleets", nats_causes),
    section("The collector, its token and its indexes", collector_causes),
  ].join("\n");
}

function section(title: string, causes: Readonly<Record<string, CauseEntry>>): string {
  const entries = Object.entries(causes).map(
    ([cause, { verdict, meaning, remedy }]) =>
      `- **\`${cause}\`** (${verdict}): ${meaning} ${remedy}\n`,
  );
  return `## ${title}\n\n${entries.join("")}`;
}

const preface = `<!-- Generated from src/doctor/ by \`npm run docs\`. Do not edit. -->

# Troubleshooting

When no events arrive, run the doctor, as root where a unit runs tallyman: it checks with the user, groups and credentials of the unit.

    tallyman doctor

It checks everything from the configuration to Splunk's index, in order, and prints a line for every check:
\`ok\`, \`warning\`, \`failed\`, or \`skipped\` if an earlier failure has to be fixed first. Below a warning or a failure
it says what to do. It can run beside a running tallyman. Nothing secret is shown.

- It sends one event (sourcetype \`tallyman:doctor\`) to each index that an input names, since nothing else shows whether
  the token may write there. \`--no-send\` leaves that out; then the index is not checked. It does not notice a step of the chain that sets
  another index.
- The token is tried with an empty request, which Splunk answers without indexing anything.
- Exit status: 0 when no check failed, even with warnings; 1 when a check failed; 2 when the command line is invalid.
- \`--json\` prints all of it for scripts. \`cause\` is one of the words below, which stay the same from version to version;
  what Splunk answers has the same words in tallyman's log.
- It does not see what the sandbox of the unit hides (\`ProtectHome=\` and the like in systemd).
- Every check has a time limit; all together take less than a minute.
`;
