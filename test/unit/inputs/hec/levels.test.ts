/**
 * What senders over HTTP put around an event: an exact path of a redact step finds its secret in all of it, at both
 * endpoints. What is shipped is what the intake got, run through the chain.
 */
import { expect, test } from "vitest";
import { makeChain, runChain } from "../../../support/events/chains.ts";
import { authorization, startReceiver } from "../../../support/hec/receiver.ts";

const secret = "S3CR3T";
const event = `{"requestHeader":{"Authorization":"${secret}"}}`;
const text = JSON.stringify(event);

const bodies: [string, string][] = [
  ["an event", event],
  ["an envelope", `{"event":${event}}`],
  ["an envelope with a foreign key", `{"event":${event},"foo":1}`],
  ["an envelope with its event twice", `{"event":${event},"event":${event}}`],
  ["an envelope with its event as text", `{"event":${text}}`],
  ["one with a foreign key, too", `{"event":${text},"foo":1}`],
  ["an envelope in an envelope", `{"event":{"event":${event}},"time":1}`],
  ["one with a foreign key each", `{"a":1,"event":{"b":2,"event":${event}}}`],
  ["an array in an envelope", `{"event":[${event},[${event}]]}`],
  ["an array", `[${event},${event}]`],
  ["an array of envelopes", `[{"event":${event}},{"event":${event},"foo":1}]`],
  ["an array of arrays", `[[${event}],[[${event}]]]`],
  ["an array with something else before", `[1,${event}]`],
  ["an array of texts", `[${text},${text}]`],
  ["white space", ` \n{ "event" :\t${event} , "foo":1 }\r\n`],
  ["a key in escapes", `{"\\u0065vent":${event},"foo":1}`],
  ["a byte order mark", `\ufeff{"event":${event},"foo":1}`],
  ["several in a row", `{"event":${event},"foo":1}{"event":${event}}\n[[${event}]]`],
  ["a text in JSON", text],
  ["indexed fields", `{"event":{"a":1},"fields":{"requestHeader.Authorization":"${secret}"}}`],
  ["a foreign key with a dot", `{"event.requestHeader":{"Authorization":"${secret}"}}`],
];

test.each(bodies)("hec - the secret does not leave in %s", async (_, body) => {
  const chain = await makeChain([{ redact: { fields: ["requestHeader.Authorization"] } }]);
  for (const path of ["/", "/services/collector/event", "/services/collector/raw"]) {
    const receiver = await startReceiver();
    const answer = await receiver.post(body, path, { authorization });
    expect(answer.status).toBe(200);
    const { texts, events, quarantined } = receiver.intake;
    expect(texts.length + quarantined.length).toBeGreaterThan(0);
    for (const [number, record] of texts.entries()) {
      const { outcome, text: sent, event: shipped } = runChain(chain, record);
      const { fields } = events[number]!.metadata;
      if (fields !== undefined) shipped.fields = fields;
      chain.run(shipped);
      if (outcome !== "kept") continue;
      expect(sent).not.toContain(secret);
      expect(JSON.stringify(shipped.fields ?? {})).not.toContain(secret);
    }
  }
});

test("hec - the secret does not leave in the parts of an object that is broken over several lines", async () => {
  const inner = `{"Authorization":"${secret}"}`;
  for (const body of [
    `{\n"requestHeader":\n${inner},\n"x":NaN}`,
    `[{"requestHeader":\n${inner}`,
    `{"requestHeader":\n${inner}\n`,
  ]) {
    const receiver = await startReceiver();
    expect((await receiver.post(body, "/", { authorization })).status).toBe(200);
    expect(receiver.intake.texts.join()).not.toContain(secret);
    expect(JSON.stringify(receiver.intake.quarantined)).toContain(secret);
  }
});
