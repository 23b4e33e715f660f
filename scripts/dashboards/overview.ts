/** The dashboard of many agents: which of them needs somebody, how much flows, and what did not arrive. */
import { late, none_is_good, one_is_good, room, type Dashboard, type Panel, type Row } from "./contents.ts";
import { grown, number, rate } from "./panels.ts";

const agents = 'job=~"$job", instance=~"$instance"';
const by_agent = "by (job, instance)";
const plot = { kind: "timeseries", width: 12, height: 8 } as const;

/** A count of what is wrong: 0 where nothing is, and not "No data". */
function count(title: string, expr: string, more: Partial<Panel> = {}): Panel {
  const queries = [{ expr: `${expr} or vector(0)` }];
  return { ...number, title, queries, steps: none_is_good, ...more };
}

/** A sum, by agent. */
function byAgent(title: string, unit: string, expr: string): Panel {
  return { ...plot, title, unit, queries: [{ expr, legend: "{{instance}}" }] };
}

/** How many events a second a counter counts, by reason. */
function byReason(title: string, metric: string): Panel {
  const expr = `sum by (reason) (${rate(`${metric}{${agents}}`)})`;
  return { ...plot, title, unit: "eps", queries: [{ expr, legend: "{{reason}}" }] };
}

const health: Row = {
  title: "Health",
  panels: [
    {
      ...number,
      title: "Agents that answer",
      queries: [{ expr: `count(tallyman_build_info{${agents}}) or vector(0)` }],
      description: "Agents whose metrics Prometheus has read just now.",
    },
    count("Agents that do not answer", `count(up{${agents}} == 0)`, {
      description: "Targets of these jobs that Prometheus cannot read. Is the agent running there?",
    }),
    count("Agents that are not ready", `count(tallyman_ready{${agents}} == 0)`),
    count(
      "Agents with problems",
      `count(sum ${by_agent} (tallyman_warnings{${agents}, severity="problem"}) > 0)`,
      { description: "Agents of which tallyman status says that something needs attention." },
    ),
    count("Books that do not balance", `count(tallyman_books_balanced{${agents}} == 0)`),
    count("Reloads refused", `count(tallyman_config_last_reload_successful{${agents}} == 0)`, {
      description:
        "Agents that refused their last reload: the configuration before it is in force.",
    }),
    count("Silent inputs", `count(tallyman_input_silent{${agents}} == 1)`),
    count("Outputs that do not send", `count(tallyman_output_up{${agents}} == 0)`),
    count("Events dropped", grown("tallyman_events_dropped_total", agents), {
      description: "Events that were dropped in the time shown. They are lost.",
    }),
    count("Bytes lost", grown("tallyman_lost_bytes_total", agents), {
      unit: "bytes",
      description: "Bytes that could not be read before they were gone, in the time shown.",
    }),
    count("Events quarantined", grown("tallyman_events_quarantined_total", agents), {
      steps: [
        [null, "green"],
        [1, "yellow"],
      ],
      description: "Events that went to quarantine in the time shown. They can be replayed.",
    }),
    count(
      "Lost from quarantine",
      grown("tallyman_quarantine_removed_events_total", `${agents}, reason="quarantine_full"`),
      {
        description:
          "The oldest events of a quarantine that was full, in the time shown. They are lost.",
      },
    ),
  ],
};

const list: Row = {
  title: "Each agent",
  panels: [
    {
      kind: "table",
      title: "Agents",
      description: "Each agent, as it is now. Its name leads to its own dashboard.",
      unit: "short",
      width: 24,
      height: 9,
      queries: [
        { expr: `sum by (job, instance, version) (tallyman_build_info{${agents}})` },
        { expr: `max ${by_agent} (tallyman_ready{${agents}})` },
        {
          expr: `sum ${by_agent} (tallyman_warnings{${agents}, severity="problem"}) or max ${by_agent} (tallyman_build_info{${agents}}) * 0`,
        },
        {
          expr: `sum ${by_agent} (${rate(`tallyman_events_received_total{${agents}}`)})`,
        },
        {
          expr: `sum ${by_agent} (${rate(`tallyman_events_delivered_total{${agents}}`)})`,
        },
        { expr: `sum ${by_agent} (tallyman_input_lag_bytes{${agents}})` },
        { expr: `max ${by_agent} (tallyman_input_lag_seconds{${agents}})` },
        { expr: `max ${by_agent} (tallyman_quarantine_bytes{${agents}})` },
        { expr: `max ${by_agent} (tallyman_state_disk_free_bytes{${agents}})` },
      ],
      columns: {
        job: { title: "Job" },
        instance: {
          title: "Agent",
          link: "/d/tallyman-agent?${datasource:queryparam}&var-job=${__data.fields.Job}&var-instance=${__data.fields.Agent}&${__url_time_range}",
        },
        version: { title: "Version" },
        "Value #B": {
          title: "Ready",
          words: { 0: ["no", "red"], 1: ["yes", "green"] },
          steps: one_is_good,
        },
        "Value #C": { title: "Problems", steps: none_is_good },
        "Value #D": { title: "Received", unit: "eps" },
        "Value #E": { title: "Delivered", unit: "eps" },
        "Value #F": { title: "Backlog", unit: "bytes" },
        "Value #G": {
          title: "Oldest event",
          unit: "s",
          steps: late,
        },
        "Value #H": { title: "Quarantine", unit: "bytes" },
        "Value #I": { title: "Free disk", unit: "bytes" },
      },
    },
  ],
};

const flow: Row = {
  title: "Flow",
  panels: [
    byAgent(
      "Received",
      "eps",
      `sum ${by_agent} (${rate(`tallyman_events_received_total{${agents}}`)})`,
    ),
    byAgent(
      "Delivered",
      "eps",
      `sum ${by_agent} (${rate(`tallyman_events_delivered_total{${agents}}`)})`,
    ),
    {
      ...plot,
      title: "What became of the events",
      description:
        "All agents together, by fate: received = delivered + filtered + quarantined + dropped + in flight.",
      unit: "eps",
      stacked: true,
      queries: ["delivered", "filtered", "quarantined", "dropped"].map((fate) => ({
        expr: `sum(${rate(`tallyman_events_${fate}_total{${agents}}`)})`,
        legend: fate,
      })),
    },
    byAgent(
      "Sent",
      "binBps",
      `sum ${by_agent} (${rate(`tallyman_output_sent_bytes_total{${agents}}`)})`,
    ),
  ],
};

const behind: Row = {
  title: "Behind",
  panels: [
    {
      ...byAgent(
        "Age of the oldest event",
        "s",
        `max ${by_agent} (tallyman_input_lag_seconds{${agents}})`,
      ),
      description:
        "Age of the oldest event of each agent that is not settled yet. The line is where the alert is.",
      steps: late,
    },
    byAgent("Backlog", "bytes", `sum ${by_agent} (tallyman_input_lag_bytes{${agents}})`),
    {
      ...byAgent(
        "Time to delivery, slowest of a hundred",
        "s",
        `histogram_quantile(0.99, sum by (job, instance, le) (${rate(`tallyman_delivery_latency_seconds_bucket{${agents}}`)}))`,
      ),
      description:
        "Time from reading or receiving an event to its delivery: 99 of 100 events take at most this long.",
    },
    {
      ...byAgent(
        "Fullest journal",
        "percentunit",
        `max ${by_agent} (tallyman_journal_bytes{${agents}} / tallyman_journal_limit_bytes{${agents}})`,
      ),
      description:
        "Share of its limit that the fullest journal of each agent takes. What happens when it is full, when_full says.",
      steps: room,
      max: 1,
    },
  ],
};

const lost: Row = {
  title: "Not delivered",
  panels: [
    byReason("Dropped", "tallyman_events_dropped_total"),
    byReason("Quarantined", "tallyman_events_quarantined_total"),
    {
      ...byAgent(
        "Quarantine",
        "percentunit",
        `max ${by_agent} (tallyman_quarantine_bytes{${agents}} / tallyman_quarantine_limit_bytes{${agents}})`,
      ),
      description:
        "Share of its limit that the quarantine takes. When it is full, the oldest events in it are lost.",
      steps: room,
      max: 1,
    },
    {
      kind: "table",
      title: "Warnings",
      unit: "short",
      width: 12,
      height: 8,
      queries: [
        { expr: `sum by (job, instance, severity, code) (tallyman_warnings{${agents}}) > 0` },
      ],
      columns: {
        instance: { title: "Agent" },
        severity: { title: "Severity" },
        code: { title: "Code" },
        Value: { title: "Warnings" },
      },
    },
  ],
};

const silence: Row = {
  title: "Silence",
  panels: [
    {
      kind: "table",
      title: "Inputs by silence",
      description:
        "The inputs that have had no event for the longest time. Silent: for longer than expect_every of the input.",
      unit: "short",
      width: 12,
      height: 8,
      queries: [
        {
          expr: `topk(50, max by (job, instance, input) (tallyman_input_silent_seconds{${agents}}))`,
        },
        { expr: `max by (job, instance, input) (tallyman_input_silent{${agents}})` },
      ],
      columns: {
        instance: { title: "Agent" },
        input: { title: "Input" },
        "Value #A": { title: "No event for", unit: "s" },
        "Value #B": {
          title: "Silent",
          words: { 0: ["no", "green"], 1: ["yes", "red"] },
          steps: none_is_good,
        },
      },
    },
    {
      ...plot,
      title: "Versions and configurations",
      description:
        "How many agents run each version, and how many different configurations are in force.",
      unit: "short",
      queries: [
        {
          expr: `count by (version) (tallyman_build_info{${agents}})`,
          legend: "version {{version}}",
        },
        {
          expr: `count(count by (digest) (tallyman_config_info{${agents}}))`,
          legend: "configurations",
        },
      ],
    },
  ],
};

/** Of all agents. */
export const overview: Dashboard = {
  uid: "tallyman-overview",
  title: "tallyman: all agents",
  description:
    "Which agents need somebody, how much flows through them, how far behind they are, and what did not arrive.",
  variables: [
    { name: "job", label: "Job", from: "tallyman_build_info", several: true },
    { name: "instance", label: "Agent", from: 'tallyman_build_info{job=~"$job"}', several: true },
  ],
  rows: [health, list, flow, behind, lost, silence],
};
