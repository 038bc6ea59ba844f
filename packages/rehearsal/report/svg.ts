import { Graph, layout, type Point } from "@dagrejs/dagre";
import { html, joined, type Markup, type Part, verbatim } from "./markup";
import type { Box, Column, FlowPicture, Message, Participant, SequencePicture, Side } from "./pictures";
import { lines, textWidth } from "./text";

/**
 * Pictures as SVG, without a browser: dagre places the boxes of a flow, a sequence needs arithmetic alone. Text stays text. Colours
 * are variables behind CSS classes, so that one picture fits a light and a dark page, and a printer.
 */

/** Rules of every picture: once in a page, or in each file that stands alone. */
export const SVG_STYLE = `.pic{font-family:system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;font-size:13px}
.pic text{fill:var(--ink)}
.pic .n{fill:var(--muted);font-size:11px}
.pic .h{fill:var(--muted);font-size:12px}
.pic .s{font-weight:650}
.pic .p{fill:var(--panel)}
.pic .b{fill:var(--card);stroke:var(--edge)}
.pic .b.o{stroke:var(--warn);stroke-width:1.5;stroke-dasharray:4 3}
.pic text.o{fill:var(--warn)}
.pic .l{fill:none;stroke:var(--accent);stroke-width:1.5;marker-end:url(#arrow)}
.pic .r{stroke-dasharray:5 4}
.pic .l.o{stroke:var(--warn)}
.pic .v{stroke:var(--edge)}
.pic .a,.pic .d{fill:var(--accent)}
.pic .k{fill:var(--on-accent);font-size:10px;font-weight:650}
.pic .m{text-anchor:middle}
.pic .m.n{paint-order:stroke;stroke:var(--panel);stroke-width:4px;stroke-linejoin:round}`;

/** The head of every line; once in a page, or in each file that stands alone. */
export const SVG_ARROW = verbatim(
  '<marker id="arrow" viewBox="0 0 8 8" refX="7.5" refY="4" markerWidth="8" markerHeight="8" markerUnits="userSpaceOnUse" orient="auto"><path class="a" d="M0 .5 8 4 0 7.5z"/></marker>',
);

/** Variables for a picture that stands alone; a page has its own. */
const LIGHT =
  "--ink:#1b1f24;--muted:#57606a;--card:#fff;--panel:#f3f4f6;--edge:#b9c0c8;--accent:#2a5db0;--on-accent:#fff;--warn:#8a5300";
const DARK =
  "--ink:#e6e9ec;--muted:#a3acb6;--card:#1d2126;--panel:#16191d;--edge:#4a525b;--accent:#8fb4f5;--on-accent:#10151c;--warn:#e8b75a";

/** A file of its own, for a README: light and dark by what the reader's screen asks for. */
export function standAlone(svg: Markup): string {
  const style = `<style>svg{${LIGHT}}@media(prefers-color-scheme:dark){svg{${DARK}}}\n${SVG_STYLE}\n</style>`;
  return `${String(svg).replace(/<svg /, '<svg xmlns="http://www.w3.org/2000/svg" ').replace("</desc>", `</desc>\n${style}\n<defs>${SVG_ARROW}</defs>`)}\n`;
}

const SIZE = { text: 13, note: 11 };
const LINE = { text: 17, note: 14 };
const PAD = { x: 14, y: 10 };
const WIDEST_TEXT = 220;

interface Lettering {
  readonly width: number;
  readonly height: number;
  readonly text: readonly string[];
  readonly note: readonly string[];
}

function lettering({ text, note }: Pick<Box, "text" | "note">, widest = WIDEST_TEXT): Lettering {
  const body = lines(text, widest, SIZE.text);
  const small = note ? lines(note, widest, SIZE.note) : [];
  const widths = [
    ...body.map((line) => textWidth(line, SIZE.text)),
    ...small.map((line) => textWidth(line, SIZE.note)),
  ];
  return {
    width: Math.ceil(Math.max(...widths)) + 2 * PAD.x,
    height: body.length * LINE.text + small.length * LINE.note + 2 * PAD.y - 3,
    text: body,
    note: small,
  };
}

const MARGIN = 14;
const HEADING = 62;

/** Columns from left to right, on a panel for each cloud. */
export function flowToSvg(picture: FlowPicture, id: string): Markup {
  const columns = picture.columns
    .filter(({ boxes }) => boxes.length > 0)
    .map((column) => {
      const boxes = column.boxes.map((box) => ({ ...box, lettering: lettering(box) }));
      const width = Math.max(104, ...boxes.map((box) => box.lettering.width));
      return { ...column, boxes, width };
    });
  const graph = placed(columns, picture.links);
  const { width = 0, height = 0 } = graph.graph();
  const panels = sides(columns).map(({ side, first, last }) => {
    const left = leftOf(graph, first) - MARGIN;
    const right = leftOf(graph, last) + last.width + MARGIN;
    return html`<rect class="p" x="${n(left)}" width="${n(right - left)}" height="${n(HEADING + height + MARGIN)}" rx="12"/><text class="s" x="${n(left + MARGIN)}" y="25">${side}</text>`;
  });
  const headings = columns.map(
    (column) => html`<text class="h" x="${n(leftOf(graph, column))}" y="48">${column.name}</text>`,
  );
  const paths = picture.links.map(({ from, to }) => html`<path class="l" d="${curve(graph, from, to)}"/>`);
  const boxes = columns.flatMap((column) =>
    column.boxes.map((box) => {
      const { y } = spot(graph, box.id);
      return boxToSvg(box, leftOf(graph, column), y - box.lettering.height / 2 + HEADING, column.width);
    }),
  );
  const size = { width: width + 2 * MARGIN, height: HEADING + height + MARGIN };
  return frame(picture, id, size, [...panels, ...headings, ...paths, ...boxes]);
}

interface SizedColumn extends Omit<Column, "boxes"> {
  readonly boxes: readonly (Box & { readonly lettering: Lettering })[];
  readonly width: number;
}

function placed(columns: readonly SizedColumn[], links: FlowPicture["links"]): Graph {
  const graph = new Graph();
  graph.setGraph({ rankdir: "LR", nodesep: 14, edgesep: 14, ranksep: 60, marginx: MARGIN });
  const columnOf = new Map(columns.flatMap(({ boxes }, at) => boxes.map((box): [string, number] => [box.id, at])));
  for (const { boxes, width } of columns) {
    for (const { id, lettering } of boxes) graph.setNode(id, { width, height: lettering.height });
  }
  const entered = new Set(links.map(({ to }) => to));
  for (const [id, column] of columnOf) {
    if (column === 0 || entered.has(id)) continue;
    // dagre makes columns of lines alone: without one, a box would stand in the first.
    graph.setNode(`before ${id}`, { width: columns[0]?.width ?? 0, height: 0 });
    graph.setEdge(`before ${id}`, id, { minlen: column });
  }
  for (const { from, to } of links) {
    graph.setEdge(from, to, { minlen: (columnOf.get(to) ?? 0) - (columnOf.get(from) ?? 0), weight: 2 });
  }
  layout(graph);
  return graph;
}

/** Neighbouring columns of one cloud. */
function sides(columns: readonly SizedColumn[]): { side: Side; first: SizedColumn; last: SizedColumn }[] {
  const found: { side: Side; first: SizedColumn; last: SizedColumn }[] = [];
  for (const column of columns) {
    const current = found.at(-1);
    if (current === undefined || current.side !== column.side)
      found.push({ side: column.side, first: column, last: column });
    else current.last = column;
  }
  return found;
}

function spot(graph: Graph, id: string): Point {
  const { x = 0, y = 0 } = graph.node(id);
  return { x, y };
}

function leftOf(graph: Graph, { boxes, width }: SizedColumn): number {
  const [box] = boxes;
  return box ? spot(graph, box.id).x - width / 2 : 0;
}

/** From the right side of a box to the left side of another, through where dagre leaves room between the boxes on the way. */
function curve(graph: Graph, from: string, to: string): string {
  const [start, end] = [spot(graph, from), spot(graph, to)];
  const half = (id: string) => graph.node(id).width / 2;
  const points: Point[] = graph.edge(from, to).points ?? [];
  const between = points.slice(1, -1).filter(({ x }) => x > start.x + half(from) && x < end.x - half(to));
  const stops = [
    { x: start.x + half(from), y: start.y },
    ...(between.length > 1 ? between : []),
    { x: end.x - half(to) - 1, y: end.y },
  ];
  return stops
    .map(({ x, y }, at) => {
      const before = stops[at - 1];
      if (!before) return `M${n(x)} ${n(y + HEADING)}`;
      const middle = (before.x + x) / 2;
      return `C${n(middle)} ${n(before.y + HEADING)} ${n(middle)} ${n(y + HEADING)} ${n(x)} ${n(y + HEADING)}`;
    })
    .join("");
}

function boxToSvg(
  { lettering, odd }: Pick<Box, "odd"> & { lettering: Lettering },
  x: number,
  y: number,
  width: number,
): Markup {
  const { height, text, note } = lettering;
  const mark = odd ? " o" : "";
  const body = text.map(
    (line, at) => html`<tspan x="${n(x + PAD.x)}" y="${n(y + PAD.y + 11 + at * LINE.text)}">${line}</tspan>`,
  );
  const below = y + PAD.y + 10 + text.length * LINE.text;
  const small = note.map(
    (line, at) => html`<tspan x="${n(x + PAD.x)}" y="${n(below + at * LINE.note)}">${line}</tspan>`,
  );
  return joined([
    html`<rect class="b${mark}" x="${n(x)}" y="${n(y)}" width="${n(width)}" height="${n(height)}" rx="7"/>`,
    html`<text>${body}</text>`,
    small.length > 0 ? html`<text class="n${mark}">${small}</text>` : "",
  ]);
}

const LANE = 166;
const HEAD = LANE - 14;

/** Participants side by side with a line down from each, and messages between them. */
export function sequenceToSvg(picture: SequencePicture, id: string): Markup {
  const { participants, messages } = picture;
  const heads = participants.map((participant) =>
    lettering({ text: participant.name, note: participant.note }, HEAD - 2 * PAD.x),
  );
  const top = 34;
  const tallest = Math.max(...heads.map(({ height }) => height));
  const centre = new Map(participants.map((participant, at) => [participant.id, MARGIN + LANE * (at + 0.5)]));
  const rows: { message: Message; y: number; text: readonly string[]; number: number }[] = [];
  let y = top + tallest + 18;
  for (const message of messages) {
    const span = Math.abs((centre.get(message.to) ?? 0) - (centre.get(message.from) ?? 0));
    const text = lines(message.text, span - 28, SIZE.note);
    y += text.length * LINE.note + 22;
    rows.push({ message, y, text, number: rows.length + 1 });
  }
  const bottom = y + 22;
  const width = participants.length * LANE + 2 * MARGIN;
  const lanes = participants.map(({ id: lane }) => {
    const x = n(centre.get(lane) ?? 0);
    return html`<path class="v" d="M${x} ${n(top + tallest)}V${n(bottom)}"/>`;
  });
  const headBoxes = participants.map(({ id: lane }, at) => {
    const head = heads[at];
    const x = (centre.get(lane) ?? 0) - HEAD / 2;
    return head ? boxToSvg({ lettering: { ...head, height: tallest } }, x, top, HEAD) : "";
  });
  const size = { width, height: bottom };
  return frame(picture, id, size, [
    ...lanePanels(participants, bottom),
    ...lanes,
    ...headBoxes,
    ...rows.map((row) => messageToSvg(row, centre)),
  ]);
}

function lanePanels(participants: readonly Participant[], height: number): Markup[] {
  return participants.flatMap(({ side }, at) => {
    if (side === "people" || participants[at - 1]?.side === side) return [];
    const after = participants.findIndex((other, index) => index > at && other.side !== side);
    const many = (after < 0 ? participants.length : after) - at;
    const x = MARGIN + at * LANE + 2;
    return [
      html`<rect class="p" x="${n(x)}" width="${n(many * LANE - 4)}" height="${n(height)}" rx="12"/><text class="s" x="${n(x + 8)}" y="22">${side}</text>`,
    ];
  });
}

function messageToSvg(
  row: { message: Message; y: number; text: readonly string[]; number: number },
  centre: ReadonlyMap<string, number>,
): Markup {
  const { message, y, text, number } = row;
  const [from, to] = [centre.get(message.from) ?? 0, centre.get(message.to) ?? 0];
  const direction = to > from ? 1 : -1;
  const middle = (from + to) / 2 + direction * 4;
  const first = y - 8 - (text.length - 1) * LINE.note;
  const label = text.map((line, at) => html`<tspan x="${n(middle)}" y="${n(first + at * LINE.note)}">${line}</tspan>`);
  const odd = message.odd ? " o" : "";
  return joined([
    html`<path class="l${message.reply ? " r" : ""}${odd}" d="M${n(from)} ${n(y)}H${n(to - direction * 1.5)}"/>`,
    html`<circle class="d" cx="${n(from)}" cy="${n(y)}" r="8.5"/><text class="k m" x="${n(from)}" y="${n(y + 3.5)}">${number}</text>`,
    html`<text class="n m${odd}">${label}</text>`,
  ]);
}

/** `role="img"` with a title and a description: https://www.w3.org/TR/graphics-aam-1.0/ and https://www.w3.org/TR/svg-aam-1.0/ */
function frame(
  { title, description }: { title: string; description: string },
  id: string,
  { width, height }: { width: number; height: number },
  content: readonly Part[],
): Markup {
  return joined([
    html`<svg class="pic" role="img" aria-labelledby="${id}-t ${id}-d" width="${n(width)}" height="${n(height)}" viewBox="0 0 ${n(width)} ${n(height)}">`,
    html`<title id="${id}-t">${title}</title><desc id="${id}-d">${description}</desc>`,
    ...content,
    html`</svg>`,
  ]);
}

/** Half a pixel is as exact as a screen gets. */
const n = (value: number): string => String(Math.round(value * 2) / 2);
