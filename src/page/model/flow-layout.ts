/**
 * Where the boxes of the flow are and how the lines between them run. Where there is room, in three columns; else one below the
 * other, along a rail.
 */
import type { Flow, FlowBox, FlowChain, FlowLink } from "./flow.ts";

export interface Placed {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface PlacedLink {
  /** The path, as SVG writes it. */
  readonly d: string;
  readonly thickness: number;
  readonly is_held: boolean;
}

export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly boxes: readonly (Placed & { readonly box: FlowBox })[];
  readonly chains: readonly (Placed & { readonly chain: FlowChain })[];
  readonly links: readonly PlacedLink[];
}

export const box_height = 58;
export const chain_head_height = 36;
export const step_height = 42;
const chain_end_height = 8;
const gap = 14;
const column_width_min = 700;
const rail_x = 9;
const rail_room = 26;

export function layoutFlow(flow: Flow, width: number): Picture {
  return width < column_width_min ? inOneColumn(flow, width) : inColumns(flow, width);
}

export function chainHeight({ steps }: FlowChain): number {
  return chain_head_height + steps.length * step_height + (steps.length > 0 ? chain_end_height : 0);
}

function inColumns(flow: Flow, width: number): Picture {
  const side = clamp(width * 0.25, 184, 300);
  const middle = clamp(width * 0.32, 250, 420);
  const heights = {
    inputs: stacked(flow.inputs.map(() => box_height)),
    chains: stacked(flow.chains.map(chainHeight)),
    outputs: stacked(flow.outputs.map(() => box_height)),
  };
  const height = Math.max(heights.inputs, heights.chains, heights.outputs);
  const top = (own: number): number => (height - own) / 2;
  const boxes = [
    ...column(flow.inputs, { x: 0, y: top(heights.inputs), width: side }),
    ...column(flow.outputs, { x: width - side, y: top(heights.outputs), width: side }),
  ];
  const chains = chainColumn(flow.chains, {
    x: (width - middle) / 2,
    y: top(heights.chains),
    width: middle,
  });
  const places = new Map<string, Placed>([
    ...boxes.map((each) => [each.box.id, each] as const),
    ...chains.map((each) => [each.chain.id, each] as const),
  ]);
  return { width, height, boxes, chains, links: curves(flow.links, places) };
}

function inOneColumn(flow: Flow, width: number): Picture {
  const at = { x: rail_room, width: width - rail_room };
  const inputs = column(flow.inputs, { ...at, y: 0 });
  const chains = chainColumn(flow.chains, { ...at, y: below(inputs) });
  const outputs = column(flow.outputs, { ...at, y: below(chains.length > 0 ? chains : inputs) });
  const boxes = [...inputs, ...outputs];
  const height = Math.max(0, below(outputs) - 2 * gap);
  const middles = [...boxes, ...chains].map(
    ({ y, height: own }) => y + Math.min(own, box_height) / 2,
  );
  if (middles.length === 0) return { width, height, boxes, chains, links: [] };
  const rail = `M${rail_x} ${Math.min(...middles)}V${Math.max(...middles)}`;
  const stubs = middles.map((y) => `M${rail_x} ${y}H${rail_room}`);
  const rate = Math.max(0, ...flow.links.map((link) => link.rate));
  const is_held = flow.links.length > 0 && flow.links.every((link) => link.is_held);
  const links = [
    { d: [rail, ...stubs].join(""), thickness: Math.min(4, thicknessOf(rate)), is_held },
  ];
  return { width, height, boxes, chains, links };
}

interface ColumnPlace {
  readonly x: number;
  readonly y: number;
  readonly width: number;
}

function column(boxes: readonly FlowBox[], { x, y, width }: ColumnPlace): Picture["boxes"] {
  return boxes.map((box, at) => {
    return { x, y: y + at * (box_height + gap), width, height: box_height, box };
  });
}

function chainColumn(
  chains: readonly FlowChain[],
  { x, y, width }: ColumnPlace,
): Picture["chains"] {
  let next = y;
  return chains.map((chain) => {
    const height = chainHeight(chain);
    const placed = { x, y: next, width, height, chain };
    next += height + gap;
    return placed;
  });
}

/** Lines enter and leave a chain side by side, in the order of where they come from. */
function curves(links: readonly FlowLink[], places: ReadonlyMap<string, Placed>): PlacedLink[] {
  const into = Map.groupBy(links, ({ to }) => to);
  const from = Map.groupBy(links, (link) => link.from);
  return links.flatMap((link): PlacedLink[] => {
    const [left, right] = [places.get(link.from), places.get(link.to)];
    if (left === undefined || right === undefined) return [];
    const [x1, y1] = [left.x + left.width, sideOf(left, from.get(link.from)!, link)];
    const [x2, y2] = [right.x, sideOf(right, into.get(link.to)!, link)];
    const bend = (x2 - x1) / 2;
    const d = `M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`;
    return [{ d, thickness: thicknessOf(link.rate), is_held: link.is_held }];
  });
}

function sideOf({ y, height }: Placed, links: readonly FlowLink[], link: FlowLink): number {
  const at = links.indexOf(link);
  return y + (height * (at + 1)) / (links.length + 1);
}

function thicknessOf(rate: number): number {
  return Math.min(10, 1.5 + 1.7 * Math.log10(1 + rate));
}

function stacked(heights: readonly number[]): number {
  return heights.reduce((total, each) => total + each + gap, 0) - (heights.length > 0 ? gap : 0);
}

/** Where the next group begins. */
function below(placed: readonly Placed[]): number {
  const last = placed.at(-1);
  return last === undefined ? 0 : last.y + last.height + 2 * gap;
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}
