/** The `route` plugin: where an event goes, and what is no output. */
import { expect, test } from "vitest";
import { complaintsAbout, makeChain, runChain } from "../../support/events/chains.ts";

const outputs = ["splunk", "archive", "security"];

test("route - sends an event to the output that it names, and goes on with it", async () => {
  const steps = [{ route: { to: "archive" } }, { redact: { fields: ["token"] } }];
  const chain = await makeChain(steps, { outputs });
  const { event, outcome, text } = runChain(chain, '{"token":"abc"}');
  expect({ outcome, text }).toEqual({ outcome: "kept", text: '{"token":"[REDACTED]"}' });
  expect(event.output).toBe("archive");
  expect([...chain.outputs]).toEqual(["archive"]);
});

test("route - does what its condition says, and the last one that applies wins", async () => {
  const steps = [
    { route: { to: "archive" }, when: "status < 400" },
    { route: { to: "security" }, when: 'user == "root"' },
    { route: { to: "splunk" }, when: 'user == "root" && status == 200' },
  ];
  const chain = await makeChain(steps, { outputs });
  const outputOf = (record: string): string | undefined => runChain(chain, record).event.output;
  expect(outputOf('{"status":500}')).toBeUndefined();
  expect(outputOf('{"status":200}')).toBe("archive");
  expect(outputOf('{"status":201,"user":"root"}')).toBe("security");
  expect(outputOf('{"status":200,"user":"root"}')).toBe("splunk");
});

test("route - works by metadata on what is not JSON", async () => {
  const steps = [{ route: { to: "archive" }, when: 'metadata("sourcetype") == "weka"' }];
  const files = {
    "weka.mjs": `export default { name: "weka", create: () => (event) => {
      event.sourcetype = "weka"; return event; } };`,
  };
  const chain = await makeChain([{ weka: {} }, ...steps], { outputs, files });
  expect(runChain(chain, "not JSON").event.output).toBe("archive");
  const other = await makeChain(steps, { outputs });
  expect(runChain(other, "not JSON")).toMatchObject({ outcome: "kept" });
  expect(runChain(other, "not JSON").event.output).toBeUndefined();
});

test("route - keeps metadata, and equal metadata is one object", async () => {
  const chain = await makeChain([{ route: { to: "archive" } }], { outputs });
  const [one, other] = [runChain(chain, "{}"), runChain(chain, "{}")];
  expect(one.event.metadata).toEqual({ output: "archive" });
  one.event.host = "a";
  one.event.fields = { b: 1 };
  expect(one.event.metadata).toEqual({ output: "archive", host: "a", fields: { b: 1 } });
  expect(other.event.metadata).toEqual({ output: "archive" });
});

test("route - a name that is no output is a mistake at its place", async () => {
  const [complaint] = await complaintsAbout([{ route: { to: "archiv" } }], { outputs });
  expect(complaint).toMatchObject({
    path: ["chain", 0, "route", "to"],
    message: 'there is no output "archiv"; did you mean "archive"?',
  });
  expect(await complaintsAbout([{ route: {} }], { outputs })).toHaveLength(1);
});

test("route - a plugin can send events only where it has said so", async () => {
  const files = {
    "sneak.mjs": `export default { name: "sneak", create: () => (event) => {
      event.output = "archive"; return event; } };`,
  };
  const chain = await makeChain([{ sneak: {} }], { outputs, files });
  expect(runChain(chain, "{}").outcome).toBe("quarantined step_failed:sneak");
});
