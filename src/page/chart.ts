/** One plot of the last hour. */
import { Component, createRef } from "preact";
import uPlot from "uplot";
import { onSchemeChange } from "./browser.ts";
import { html, type Html } from "./html.ts";
import { clockTime } from "./model/format.ts";

const height = 170;

export interface Line {
  readonly name: string;
  readonly values: readonly number[];
  /** The custom property of the style sheet that has its colour. */
  readonly colour: string;
  readonly is_dashed?: boolean;
}

/** A short time needs the seconds. */
const short_s = 900;

interface Props {
  readonly title: string;
  /** What it shows, for those who do not see it. */
  readonly label: string;
  readonly at: readonly number[];
  readonly lines: readonly Line[];
  readonly format: (value: number) => string;
}

export class Chart extends Component<Props> {
  readonly #frame = createRef<HTMLDivElement>();
  #plot: uPlot | undefined;
  #observer: ResizeObserver | undefined;
  #stop: (() => void) | undefined;

  override componentDidMount(): void {
    this.#make();
    const frame = this.#frame.current!;
    this.#observer = new ResizeObserver(() => {
      this.#plot?.setSize({ width: frame.clientWidth, height });
    });
    this.#observer.observe(frame);
    // The colours are in the pixels.
    this.#stop = onSchemeChange(() => this.#make());
  }

  override componentDidUpdate(): void {
    this.#plot?.setData(this.#data());
  }

  override componentWillUnmount(): void {
    this.#observer?.disconnect();
    this.#stop?.();
    this.#plot?.destroy();
  }

  override render({ title, label, lines }: Props): Html {
    return html`<figure class="chart">
      <figcaption>
        <span class="name">${title}</span>
        ${lines.map(
          (line) =>
            html`<span class="key"
              ><svg width="18" height="8" aria-hidden="true">
                <line
                  class="swatch ${line.colour}"
                  x1="0"
                  x2="18"
                  y1="4"
                  y2="4"
                  stroke-dasharray=${line.is_dashed === true ? "4 3" : "none"}
                /></svg
              >${line.name}</span
            >`,
        )}
      </figcaption>
      <div ref=${this.#frame} role="img" aria-label=${label}></div>
    </figure>`;
  }

  #data(): uPlot.AlignedData {
    const { at, lines } = this.props;
    return [[...at], ...lines.map(({ values }) => [...values])];
  }

  #make(): void {
    this.#plot?.destroy();
    const frame = this.#frame.current!;
    const style = getComputedStyle(frame);
    const colour = (name: string): string => style.getPropertyValue(`--${name}`).trim();
    const { lines, format } = this.props;
    const axis = {
      stroke: colour("muted"),
      font: "12px system-ui, sans-serif",
      grid: { stroke: colour("line"), width: 1 },
      ticks: { show: false },
    };
    this.#plot = new uPlot(
      {
        width: Math.max(1, frame.clientWidth),
        height,
        legend: { show: false },
        cursor: { drag: { x: false, y: false }, points: { show: false } },
        scales: { y: { range: (_plot, _least, most) => [0, Math.max(1, most * 1.1)] } },
        axes: [
          { ...axis, size: 30, space: 80, grid: { show: false }, values: timesOf },
          { ...axis, size: 78, values: (_plot, values) => values.map(format) },
        ],
        series: [
          {},
          ...lines.map((line) => ({
            label: line.name,
            stroke: colour(line.colour),
            width: 2,
            ...(line.is_dashed === true ? { dash: [5, 4] } : { fill: `${colour(line.colour)}1f` }),
            points: { show: false },
          })),
        ],
      },
      this.#data(),
      frame,
    );
  }
}

function timesOf(_plot: uPlot, splits: readonly number[]): string[] {
  const is_short = splits.at(-1)! - splits[0]! < short_s;
  return splits.map((at) => {
    const time = clockTime(new Date(at * 1000).toISOString());
    return is_short ? time : time.slice(0, 5);
  });
}
