/**
 * Fluent Bit with its output for Splunk and two workers. It masks by text in Lua, and by path in Lua after its JSON parser;
 * without a mask the line goes out as the value of `event`, as a string.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Contestant, masked, type Race } from "./contestant.ts";

const parser = `[PARSER]
    Name   json
    Format json
`;

const lua: Record<Race["mask"], string> = {
  none: "",
  text: `function mask(tag, timestamp, record)
  record["log"] = string.gsub(record["log"], '"Authorization":"[^"]*"', '"Authorization":"${masked}"')
  return 2, timestamp, record
end
`,
  json: `function mask(tag, timestamp, record)
  local header = record["requestHeader"]
  if header == nil or header["Authorization"] == nil then return 0, timestamp, record end
  header["Authorization"] = "${masked}"
  return 2, timestamp, record
end
`,
};

export const fluent_bit: Contestant = {
  name: "Fluent Bit",
  program: "fluent-bit",
  prepare({ mask, compression }, { directory, log_file, port }) {
    const path = join(directory, "fluent-bit.conf");
    const parsers = join(directory, "parsers.conf");
    const script = join(directory, "mask.lua");
    writeFileSync(parsers, parser);
    writeFileSync(script, lua[mask]);
    writeFileSync(
      path,
      `[SERVICE]
    Flush        1
    Grace        1
    Log_Level    error
    Parsers_File ${parsers}
[INPUT]
    Name              tail
    Tag               s3_audit
    Path              ${log_file}
    Read_from_Head    On
    Buffer_Chunk_Size 512k
    Buffer_Max_Size   2M
    Mem_Buf_Limit     64M
${mask === "json" ? "    Parser            json\n" : ""}${
        mask === "none"
          ? ""
          : `[FILTER]
    Name   lua
    Match  *
    Script ${script}
    Call   mask
`
      }[OUTPUT]
    Name             splunk
    Match            *
    Host             127.0.0.1
    Port             ${port}
    Splunk_Token     bench
    Event_Sourcetype weka:s3:audit
    Event_Index      s3_audit
    Workers          2
    Retry_Limit      no_limits
${mask === "json" ? "" : "    Event_Key        $log\n"}${compression === "gzip" ? "    Compress         gzip\n" : ""}`,
    );
    return {
      command: ["fluent-bit", "-q", "-c", path],
      check: ["fluent-bit", "--dry-run", "-c", path],
    };
  },
};
