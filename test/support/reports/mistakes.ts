/** Mistakes that are often made in rules, with what tallyman says of each: where a user meets it, and in which words. */

/** An event as their rules are about; `requestHeader` is what is most often misspelt. */
export const mistaken_event = JSON.stringify({
  time: "2025-03-21T06:37:27Z",
  "log.level": "debug",
  api: { name: "GetObject", statusCode: 200, ok: true },
  requestHeader: { Authorization: "AWS made-up", "User-Agent": "curl", "X-Amz-Date": "20250321" },
  tags: [{ drives: ["a"] }],
  remotehost: "10.0.0.1",
});

export interface Mistake {
  readonly step: object;
  /** A part of what is said. */
  readonly said: string;
}

const path = (field: string, said: string): Mistake => ({
  step: { redact: { fields: [field] } },
  said,
});
const drop = (condition: string, said: string): Mistake => ({
  step: { filter: { drop: condition } },
  said,
});

/** Those that can never be right: `check` refuses them, and so does the start. */
export const refused: readonly Mistake[] = [
  path("$.requestHeader.Authorization", "write requestHeader.Authorization"),
  path("/requestHeader/Authorization", "write requestHeader.Authorization"),
  path(".requestHeader.Authorization", "write requestHeader.Authorization"),
  path("requestHeader..Authorization", "likely meant: requestHeader.**.Authorization"),
  path("requestHeader.", "a key is missing"),
  path("requestHeader[Authorization]", "likely meant: requestHeader.Authorization"),
  path("requestHeader.X Amz", 'is written ["..."]'),
  path("tags.drives[-1]", 'a number from 0, * or a "quoted key" must follow ['),
  drop('requestHeader.User-Agent == "x"', 'is written requestHeader["User-Agent"]'),
  drop('requestHeader."User-Agent" == "x"', 'in brackets, without the dot: ["User-Agent"]'),
  drop('$.api.name == "x"', "the value is written api.name"),
  drop("@timestamp > 1", 'the key is written event["@timestamp"]'),
  drop('api.name = "x"', "equality is written =="),
  drop('api.name === "x"', "equality is written =="),
  drop('api.name <> "x"', "what is not equal is written !="),
  drop('api.name == "x" AND api.ok', "are written &&, || and !"),
  drop("not api.ok", "are written &&, || and !"),
  drop("api.ok & true", "are written && and ||"),
  drop("api.ok | true", "are written && and ||"),
  drop('api.name like "Get%"', 'a pattern is written name.matches("pattern")'),
  drop('api.name =~ "Get"', 'a pattern is written name.matches("pattern")'),
  drop('api.name contains "Get"', 'write name.contains("text")'),
  drop('api.name.startswith("Get")', 'write name.startsWith("text")'),
  drop("len(api.name) > 3", "write size(name)"),
  drop('api.name in ("a", "b")', 'a list is written in brackets: ["a", "b"]'),
  drop('api.name IN ["a"]', 'in is written in small letters: name in ["a", "b"]'),
  drop("api.name == “x”", "quotes are written \" or '"),
  drop("tags[*].x == 1", "items.exists(each, each.name"),
  drop("now() - time > 5", 'a duration is written duration("90s")'),
  drop('now() - time > "1h"', 'a duration is written duration("1h")'),
  drop("time > now() - 1h", 'a duration is written duration("1h")'),
  drop('has("api.name")', "has() takes a name without quotes"),
  drop('api.name.matches("(")', "the pattern of matches() is wrong"),
  drop("ip_in(remotehost)", 'ip_in(ip, "10.0.0.0/8")'),
];

/** Those that may be meant: `check` warns of them whatever the events are. */
export const doubtful: readonly Mistake[] = [
  drop("api.name == None", "null is written null"),
  drop("requestHeader.X-Amz-Date > 1", 'is written requestHeader["X-Amz-Date"]'),
  drop('"api.name" == "x"', "a key is written without quotes"),
];

/** Those that only events show: `check` warns of them by the input's own files, and `status` after a hundred events. */
export const shown_by_events: readonly Mistake[] = [
  path("requestHeaders.Authorization", "did you mean requestHeader.Authorization"),
  path("requestheader.authorization", "did you mean requestHeader.Authorization"),
  path("requestHeader.authorisation", "did you mean requestHeader.Authorization"),
  path("Authorization", "did you mean requestHeader.Authorization"),
  path("event.request.Authorization", "did you mean requestHeader.Authorization"),
  path("requestHeader/Authorization", "did you mean requestHeader.Authorization"),
  path('["requestHeader.Authorization"]', "did you mean requestHeader.Authorization"),
  path("requestHeader.X_Amz_Date", "did you mean requestHeader.X-Amz-Date"),
  path("nothing.like.it", "finds nothing by its rules"),
  drop('api.nmae == "GetObject"', "did you mean api.name?"),
  drop('Api.name == "GetObject"', "did you mean api.name?"),
  drop('name == "GetObject"', "did you mean api.name?"),
  drop('record.api.name == "GetObject"', "did you mean api.name?"),
  drop('requestHeader["user-agent"] == "x"', 'did you mean requestHeader["User-Agent"]?'),
  drop('log.level == "debug"', 'write event["log.level"]'),
  drop('api.statusCode == "200"', "write what it is compared with without quotes"),
  drop('api.statusCode >= "200"', "write what it is compared with without quotes"),
  drop('api.statusCode in ["200", "204"]', "write what it is compared with without quotes"),
  drop("api.name == 5", "write what it is compared with in quotes"),
  drop('api.ok == "true"', "write what it is compared with without quotes"),
  { step: { filter: { keep: 'api.name == "Get"' } }, said: "none of" },
];
