/** The last hour: three plots, and the same as a table. */
import { Chart } from "./chart.ts";
import { html, type Html } from "./html.ts";
import { bytes, clockTime, compact, duration, rate } from "./model/format.ts";
import { type Hour, rowsOf } from "./model/hour.ts";
import { tableBehind } from "./table.ts";

const rows_max = 13;

export function lastHour(hour: Hour | undefined): Html {
  if (hour === undefined || hour.at.length < 2) {
    return html`<p class="note">
      The agent takes a sample each 10 seconds, from its start on. The plots begin with the third.
    </p>`;
  }
  const { at, received, delivered, in_flight, lag_seconds } = hour;
  const last = at.length - 1;
  return html`<div class="charts">
      <${Chart}
        title="Events"
        label=${`Events a second: ${rate(received[last]!)} received, ${rate(delivered[last]!)} delivered at the end.`}
        at=${at}
        lines=${[
          { name: "received", values: received, colour: "accent" },
          { name: "delivered", values: delivered, colour: "good", is_dashed: true },
        ]}
        format=${rate}
      />
      <${Chart}
        title="In flight"
        label=${`Events in flight: ${compact(in_flight[last]!)} at the end.`}
        at=${at}
        lines=${[{ name: "events without a fate", values: in_flight, colour: "accent" }]}
        format=${compact}
      />
      <${Chart}
        title="Behind"
        label=${`The oldest event without a fate: ${duration(lag_seconds[last]!)} old at the end.`}
        at=${at}
        lines=${[{ name: "age of the oldest event", values: lag_seconds, colour: "notice" }]}
        format=${(value: number) => (value === 0 ? "0" : duration(value))}
      />
    </div>
    ${hourTable(hour)}`;
}

function hourTable(hour: Hour): Html {
  const rows = rowsOf(hour, rows_max).toReversed();
  return tableBehind("The last hour as a table", {
    caption: "The last hour, the latest first",
    columns: [
      { title: "Time" },
      { title: "Received", is_number: true },
      { title: "Delivered", is_number: true },
      { title: "In flight", is_number: true },
      { title: "Unread", is_number: true },
      { title: "Behind", is_number: true },
    ],
    rows: rows.map((row) => [
      clockTime(new Date(hour.at[row]! * 1000).toISOString()),
      rate(hour.received[row]!),
      rate(hour.delivered[row]!),
      compact(hour.in_flight[row]!),
      bytes(hour.lag_bytes[row]!),
      duration(hour.lag_seconds[row]!),
    ]),
  });
}
