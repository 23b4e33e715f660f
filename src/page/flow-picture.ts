/** The flow, from the inputs through the steps to the outputs, as a picture. */
import { Component, createRef } from "preact";
import type { Summary } from "../admin/web/summary.ts";
import { html, type Html } from "./html.ts";
import { mark } from "./mark.ts";
import { type Flow, type FlowBox, type FlowStep, flowOf } from "./model/flow.ts";
import {
  chain_head_height,
  layoutFlow,
  type Picture,
  type Placed,
  step_height,
} from "./model/flow-layout.ts";
import { clipped, rate } from "./model/format.ts";
import type { Rates } from "./model/rates.ts";
import { tableBehind } from "./table.ts";

interface Props {
  readonly summary: Summary;
  readonly rates: Rates;
}

export class FlowPicture extends Component<Props, { width: number }> {
  readonly #frame = createRef<HTMLDivElement>();
  #observer: ResizeObserver | undefined;

  override state = { width: 0 };

  override componentDidMount(): void {
    const frame = this.#frame.current!;
    this.#observer = new ResizeObserver(() => this.setState({ width: frame.clientWidth }));
    this.#observer.observe(frame);
    this.setState({ width: frame.clientWidth });
  }

  override componentWillUnmount(): void {
    this.#observer?.disconnect();
  }

  override render({ summary, rates }: Props, { width }: { width: number }): Html {
    const flow = flowOf(summary, rates);
    return html`<div ref=${this.#frame} class="flow">
        ${width === 0 ? null : drawing(layoutFlow(flow, width))}
      </div>
      ${flowTable(flow)}`;
  }
}

function drawing({ width, height, boxes, chains, links }: Picture): Html {
  const label = "Inputs, the steps of the chain, and outputs. The table below has the same.";
  return html`<svg
    width=${width}
    height=${height}
    viewBox="0 0 ${width} ${height}"
    role="img"
    aria-label=${label}
  >
    ${links.map(
      ({ d, thickness, is_held }) =>
        html`<path class="link ${is_held ? "held" : ""}" d=${d} stroke-width=${thickness} />`,
    )}
    ${boxes.map((each) => boxOf(each))} ${chains.map((each) => chainOf(each))}
  </svg>`;
}

function boxOf({ x, y, width, height, box }: Placed & { box: FlowBox }): Html {
  const { title, level, line } = box;
  const shown = rate(box.rate);
  const room = width - 40 - shown.length * 8;
  return html`<g class="box ${level}" transform="translate(${x} ${y})">
    <title>${title}: ${shown}, ${line}</title>
    <rect width=${width} height=${height} rx="10" />
    <g transform="translate(13 13)">${mark(level, 13)}</g>
    <text class="title" x="33" y="25">${clipped(title, room, 14)}</text>
    <text class="figure" x=${width - 13} y="25">${shown}</text>
    <text class="line" x="33" y="44">${clipped(line, width - 44, 12)}</text>
  </g>`;
}

function chainOf({ x, y, width, height, chain }: Picture["chains"][number]): Html {
  return html`<g class="chain" transform="translate(${x} ${y})">
    <rect width=${width} height=${height} rx="10" />
    <text class="head" x="14" y="23">${clipped(chain.title, width - 100, 13)}</text>
    <text class="figure" x=${width - 14} y="23">${rate(chain.rate)}</text>
    ${chain.steps.map((step, at) => stepOf(step, width, chain_head_height + at * step_height))}
  </g>`;
}

function stepOf(step: FlowStep, width: number, y: number): Html {
  const line = step.line === "" ? "nothing so far" : step.line;
  return html`<g class="step ${step.level}" transform="translate(8 ${y})">
    <title>${step.title}: ${rate(step.rate)}, ${line}</title>
    <rect width=${width - 16} height=${step_height - 5} rx="7" />
    <text class="title" x="12" y="16">${clipped(step.title, width - 110, 13)}</text>
    <text class="figure" x=${width - 28} y="16">${rate(step.rate)}</text>
    <text class="line" x="12" y="31">${clipped(line, width - 44, 12)}</text>
  </g>`;
}

function flowTable({ inputs, chains, outputs }: Flow): Html {
  const rows = [
    ...inputs.map((box) => ["Input", box.title, rate(box.rate), box.line]),
    ...chains.flatMap((chain) => [
      ["Chain", chain.title, rate(chain.rate), ""],
      ...chain.steps.map((step) => ["Step", step.title, rate(step.rate), step.line]),
    ]),
    ...outputs.map((box) => ["Output", box.title, rate(box.rate), box.line]),
  ];
  return tableBehind("The flow as a table", {
    caption: "The flow",
    columns: [
      { title: "Part" },
      { title: "Name" },
      { title: "Events", is_number: true },
      { title: "State" },
    ],
    rows,
  });
}
