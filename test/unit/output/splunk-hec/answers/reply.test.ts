/** Splunk's answers as they are read. */
import { expect, test } from "vitest";
import {
  isAcknowledgement,
  parseAcknowledgement,
  parseReply,
} from "../../../../../src/output/splunk-hec/answers/reply.ts";

test.each([
  ['{"text":"Success","code":0,"ackId":7}', { code: 0, text: "Success", ack_id: 7 }],
  ['{ "ackID" : "12" , "code" : 0 }', { code: 0, ack_id: 12 }],
  ['{"code":0}', { ack_id: undefined, ack_id_unreadable: false }],
  ['{"code":0,"ackId":null}', { ack_id: undefined, ack_id_unreadable: false }],
  ['{"code":0,"ackId":3,"ackID":"3"}', { ack_id: 3, ack_id_unreadable: false }],
  ['{"code":"0"}', { code: undefined }],
  ['{"code":9,"invalid-event-number":3}', { code: 9, invalid_event_number: 3 }],
  ["<html>", { code: undefined, text: "", ack_id: undefined }],
  ["[]", { code: undefined }],
  ["null", { code: undefined }],
  ["", { code: undefined }],
])("reply - %j", (body, expected) => {
  expect(parseReply(body)).toMatchObject(expected);
});

test.each([
  "-1",
  "1.5",
  "9007199254740992",
  "1e300",
  '"9007199254740992"',
  '"-1"',
  '""',
  '"yes"',
  "true",
  "{}",
  "[7]",
  '7,"ackID":8',
])("reply - an ackId of %s is a promise that cannot be read", (id) => {
  const reply = parseReply(`{"text":"Success","code":0,"ackId":${id}}`);
  expect(reply).toMatchObject({ code: 0, ack_id: undefined, ack_id_unreadable: true });
});

test.each([
  ['{"acks":{}}', true],
  ['{"acks":{"0":1}}', true],
  ['{"acks":[]}', false],
  ['{"acks":{', false],
  ['{"acks"', false],
  ["", false],
])("reply - %j answers a query for acknowledgements: %s", (body, expected) => {
  expect(isAcknowledgement(body)).toBe(expected);
});

test.each([
  ['{"acks":{"0":true,"1":false}}', true],
  ['{"acks":{"1":true,"0":false}}', false],
  ['{"acks":{"1":true}}', undefined],
  ['{"acks":{"0":"true"}}', undefined],
  ['{"acks":[true]}', undefined],
  ['{"acks":true}', undefined],
  ['{"text":"ACK is disabled","code":14}', undefined],
  ["<html>", undefined],
])("reply - the acknowledgement of 0 in %j is %s", (body, expected) => {
  expect(parseAcknowledgement(body, 0)).toBe(expected);
});
