/** What `check` says of an input. */
import { expect, test } from "vitest";
import { explainInput } from "../../../../src/config/explain/explain-input.ts";
import { load } from "../../../support/configuration.ts";

async function explained(options: string): Promise<string> {
  const text = `inputs: { a: { type: socket, path: /run/a.sock, ${options} } }\n`;
  const { inputs } = await load(`${text}output: { url: "https://splunk:8088", token: abc }\n`);
  return explainInput("a", inputs["a"]!, { mode: "event", matches: new Map() }).lines.join("\n");
}

test("explain - a socket for datagrams says who opens it, and what a record is", async () => {
  const text = await explained("mode: datagram");
  expect(text).toContain("Receives datagrams at /run/a.sock. systemd has to open that socket");
  expect(text).toContain("systemd-socket-activate --datagram -l /run/a.sock tallyman run");
  expect(text).toContain("A record is one datagram");
  expect(text).toContain("Events longer than 1MiB are cut");
  expect(text).not.toContain("line is");
  expect(await explained("mode: datagram, framing: syslog")).toContain(
    "A record is one datagram, without LF, CRLF or NUL at its end.\nIts header becomes metadata, and JSON behind it is the event.",
  );
});

test.each([
  ["confirm: false", "0660"],
  ["mode: stream", "0660"],
  ['mode: "0600"', "0600"],
])("explain - a socket for lines says its permissions: %s", async (options, permissions) => {
  const text = await explained(options);
  expect(text).toContain(`Listens on /run/a.sock, mode ${permissions}.`);
  expect(text).toContain("A record is a line");
});

test("explain - a file input says which fields come from the path", async () => {
  const { inputs } = await load(
    "inputs: { pods: { paths: [/a], metadata: { fields_from_path: '/(?<pod>[^/]+)' } } }\noutput: { type: stdout }\n",
  );
  const { lines } = explainInput("pods", inputs["pods"]!, { mode: "event", matches: new Map() });
  expect(lines.join("\n")).toContain("Indexed fields by their file's path: /(?<pod>[^/]+)");
});
