/** Channels and cookies: what is used again, and what is sent back. */
import { describe, expect, test } from "vitest";
import { Channels, Cookies } from "../../../../../src/output/splunk-hec/endpoints/channel.ts";

describe("cookies", () => {
  test("cookies - names and values go back, attributes do not", () => {
    const cookies = new Cookies();
    expect(cookies.header).toBeUndefined();
    cookies.update(["AWSALB=abc=/+; Path=/; HttpOnly", "route = 1 "]);
    expect(cookies.header).toBe("AWSALB=abc=/+; route=1");
    cookies.update(["AWSALB=def"]);
    expect(cookies.header).toBe("route=1; AWSALB=def");
  });

  test.each([
    ["without a value", "nothing"],
    ["without a name", "=value"],
    ["with a line end", "a=b\r\nx: y"],
    ["that is too long", `a=${"x".repeat(5000)}`],
    ["with other characters", "a=ü"],
  ])("cookies - one %s is passed over", (_, text) => {
    const cookies = new Cookies();
    cookies.update([text]);
    expect(cookies.header).toBeUndefined();
  });

  test("cookies - a server cannot fill the memory with them", () => {
    const cookies = new Cookies();
    for (let number = 0; number < 1000; number += 1) cookies.update([`name${number}=1`]);
    expect(cookies.header!.split("; ")).toHaveLength(32);
    expect(cookies.header).toContain("name999=1");
  });

  test("cookies - the header stays short enough for any server, and the newest are kept", () => {
    const cookies = new Cookies();
    const values = ["a", "b", "c"].map((letter) => letter.repeat(1500));
    for (const [number, value] of values.entries()) cookies.update([`name${number}=${value}`]);
    expect(cookies.header).toBe(`name1=${values[1]}; name2=${values[2]}`);
  });
});

describe("channels", () => {
  test("channels - one is used again after a clean end, and not after a long time", () => {
    const channels = new Channels();
    const first = channels.take(0);
    expect(channels.take(0)).not.toBe(first);
    channels.giveBack(first, 1000);
    expect(channels.take(2000)).toBe(first);
    channels.giveBack(first, 3000);
    // Splunk forgets channels after 600 s.
    expect(channels.take(400_000)).not.toBe(first);
  });

  test("channels - a new one begins with the cookies of the last answer, and keeps its own", () => {
    const channels = new Channels();
    const first = channels.take(0);
    channels.answered(first, ["route=1"]);
    const second = channels.take(0);
    channels.answered(second, ["route=2"]);
    expect(first.headers).toMatchObject({ cookie: "route=1" });
    expect(second.headers).toMatchObject({ cookie: "route=2" });
    expect(channels.take(0).headers).toMatchObject({ cookie: "route=2" });
    expect(new Set([first.id, second.id]).size).toBe(2);
    channels.answered(first, []);
    expect(channels.take(0).headers).toMatchObject({ cookie: "route=2" });
  });

  test("channels - after forget nothing that was there before is used again", () => {
    const channels = new Channels();
    const first = channels.take(0);
    channels.answered(first, ["route=1"]);
    channels.giveBack(first, 0);
    channels.forget();
    const second = channels.take(0);
    expect(second).not.toBe(first);
    expect(second.headers).not.toHaveProperty("cookie");
  });
});
