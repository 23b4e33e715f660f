/** Channels and their ids: how many are remembered, and which go first. */
import { expect, test } from "vitest";
import { Acknowledgements } from "../../../../../src/inputs/hec/http/acknowledgements.ts";

function channelOf(number: number): string {
  return `00000000-0000-4000-8000-${String(number).padStart(12, "0")}`;
}

function isAcknowledged(acknowledgements: Acknowledgements, channel: string): boolean {
  const reply = acknowledgements.answer(channel, Buffer.from('{"acks":[0]}'));
  return (JSON.parse(reply.body) as { acks: Record<string, boolean> }).acks["0"]!;
}

test("hec - of too many channels the one that was used longest ago is forgotten", () => {
  const acknowledgements = new Acknowledgements();
  for (let number = 0; number < 10_000; number += 1) acknowledgements.give(channelOf(number));
  expect(acknowledgements.give(channelOf(0))).toBe(1);
  expect(acknowledgements.give(channelOf(10_000))).toBe(0);
  expect(isAcknowledged(acknowledgements, channelOf(0))).toBe(true);
  expect(isAcknowledged(acknowledgements, channelOf(1))).toBe(false);
  expect(isAcknowledged(acknowledgements, channelOf(2))).toBe(true);
});

test("hec - a channel is a GUID, in whatever case", () => {
  const acknowledgements = new Acknowledgements();
  for (const channel of [channelOf(1), "FE0ECFAD-13D5-401B-847D-77833BD77131"]) {
    expect(acknowledgements.isChannel(channel)).toBe(true);
  }
  for (const channel of ["", "x", `${channelOf(1)}0`, ` ${channelOf(1)}`]) {
    expect(acknowledgements.isChannel(channel)).toBe(false);
  }
});
