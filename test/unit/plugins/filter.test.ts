/** `filter`: what it ends, what it lets go on, and what it does with events that are not JSON. */
import { expect, test } from "vitest";
import { complaintsAbout, makeChain, runChain } from "../../support/events/chains.ts";

const head = '{"api":{"name":"HeadObject","statusCode":200}}';
const get = '{"api":{"name":"GetObject","statusCode":200}}';
const failed = '{"api":{"name":"HeadObject","statusCode":404}}';

test.each([
  [{ drop: 'api.name == "HeadObject" && api.statusCode == 200' }, head, "filtered filter"],
  [{ drop: 'api.name == "HeadObject" && api.statusCode == 200' }, get, "kept"],
  [{ drop: 'api.name == "HeadObject" && api.statusCode == 200' }, failed, "kept"],
  [{ drop: ['api.name == "GetObject"', "api.statusCode == 404"] }, get, "filtered filter"],
  [{ drop: ['api.name == "GetObject"', "api.statusCode == 404"] }, failed, "filtered filter"],
  [{ drop: ['api.name == "GetObject"', "api.statusCode == 404"] }, head, "kept"],
  [{ keep: 'api.name == "HeadObject"' }, head, "kept"],
  [{ keep: 'api.name == "HeadObject"' }, get, "filtered filter"],
  [{ keep: ['api.name == "GetObject"', "api.statusCode == 404"] }, failed, "kept"],
  [{ keep: ['api.name == "GetObject"', "api.statusCode == 404"] }, head, "filtered filter"],
  // A value that is not there: the condition is false.
  [{ drop: 'user == "x"' }, head, "kept"],
  [{ drop: 'user != "x"' }, head, "kept"],
  [{ keep: 'user == "x"' }, head, "filtered filter"],
  // The last of several values of a repeated key counts.
  [{ drop: "a == 2" }, '{"a":1,"a":2}', "filtered filter"],
  // A value of a wrong type: the step fails.
  [{ drop: "api.name > 5" }, head, "quarantined step_failed:filter"],
  // Not JSON.
  [{ drop: 'api.name == "HeadObject"' }, "{oops", "kept"],
  [{ keep: 'api.name == "HeadObject"' }, "{oops", "quarantined unreadable:filter"],
  // A condition on nothing of the record works, and one beside it that asks for a value does not take part.
  [{ drop: "true" }, "{oops", "filtered filter"],
  [{ drop: 'metadata("host") == "other"' }, "{oops", "kept"],
  [{ drop: 'time < timestamp("2100-01-01T00:00:00Z")' }, "{oops", "filtered filter"],
  [{ drop: ['api.name == "HeadObject"', "true"] }, "{oops", "filtered filter"],
  [{ drop: 'metadata("host") == "other" || api.name == "x"' }, "{oops", "kept"],
])("filter - with %j, %s is %s", async (options, record, outcome) => {
  const chain = await makeChain([{ filter: options }]);
  const result = runChain(chain, record);
  expect(result.outcome).toBe(outcome);
  expect(result.text).toBe(record);
});

test("filter - counts under the name of its step", async () => {
  const chain = await makeChain([{ filter: { drop: "true" }, name: "no_heads" }]);
  expect(runChain(chain, head).outcome).toBe("filtered no_heads");
  expect(chain.steps[0]).toMatchObject({ name: "no_heads", received: 1, filtered: 1 });
});

test.each([
  [{}],
  [{ drop: "true", keep: "true" }],
  [{ drop: [] }],
  [{ drop: 5 }],
  [{ drop: "" }],
  [{ drop: "name = 1" }],
  [{ dorp: "true" }],
])("filter - %j is refused", async (options) => {
  expect(await complaintsAbout([{ filter: options }])).not.toEqual([]);
});
