/** Bodies of the raw endpoint in a framing of the user's choice. */
import { expect, test } from "vitest";
import { startReceiver } from "../../../support/hec/receiver.ts";

const raw = "/services/collector/raw";
const items = { framing: { json: { records: "items" } } };

function eventList(elements: readonly string[]): string {
  return `{"kind":"EventList","apiVersion":"audit.k8s.io/v1","metadata":{},"items":[${elements.join(",")}]}\n`;
}

test("raw framing - the elements of a Kubernetes EventList are events with their own bytes", async () => {
  const receiver = await startReceiver(items);
  const elements = Array.from({ length: 3000 }, (_, id) => `{"auditID":"${id}", "verb":"get"}`);
  expect((await receiver.post(eventList(elements), raw)).status).toBe(200);
  expect(receiver.intake.texts).toEqual(elements);
  expect(receiver.intake.quarantined).toEqual([]);
});

test("raw framing - a list without elements is accepted, and a blank body is not", async () => {
  const receiver = await startReceiver(items);
  expect((await receiver.post(eventList([]), raw)).status).toBe(200);
  expect((await receiver.post(" \n", raw)).status).toBe(400);
  expect(receiver.intake.count).toBe(0);
});

test("raw framing - an element that is none is in quarantine, or has the whole body refused", async () => {
  const body = eventList(['{"auditID":"1"}', '{"auditID":"2" "verb":"get"}', '{"auditID":"3"}']);
  const keeping = await startReceiver(items);
  expect((await keeping.post(body, raw)).status).toBe(200);
  expect(keeping.intake.texts).toEqual(['{"auditID":"1"}', '{"auditID":"3"}']);
  expect(keeping.intake.quarantined.map(({ text }) => text)).toEqual([
    '{"auditID":"2" "verb":"get"}',
  ]);
  const refusing = await startReceiver({ ...items, bad_content: "refuse" });
  expect((await refusing.post(body, raw)).status).toBe(400);
  expect(refusing.intake.count).toBe(0);
});

test("raw framing - what the URL says holds for elements, and for what is none of them", async () => {
  const receiver = await startReceiver(items);
  const body = eventList(['{"auditID":"1"}', "{,}"]);
  expect((await receiver.post(body, `${raw}?index=k8s`)).status).toBe(200);
  const { events, quarantined } = receiver.intake;
  expect([...events, ...quarantined].map(({ metadata }) => metadata.index)).toEqual(["k8s", "k8s"]);
});

test("raw framing - the last line of a body needs no line end", async () => {
  const receiver = await startReceiver({ framing: "lines" });
  expect((await receiver.post('{"a":1}\n{"a":2}', raw)).status).toBe(200);
  expect(receiver.intake.texts).toEqual(['{"a":1}', '{"a":2}']);
  expect(receiver.intake.events.map(({ metadata }) => metadata.fields)).toEqual([
    undefined,
    undefined,
  ]);
});

test("raw framing - the event endpoint goes on as before", async () => {
  const receiver = await startReceiver(items);
  expect((await receiver.post('{"event":"one"}{"event":"two"}')).status).toBe(200);
  expect(receiver.intake.texts).toEqual(["one", "two"]);
});
