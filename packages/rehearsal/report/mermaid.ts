import type { FlowPicture, SequencePicture, Side } from "./pictures";

/** A picture as Mermaid text, which GitHub draws: https://mermaid.js.org/syntax/flowchart.html */
export function flowToMermaid({ title, description, columns, links }: FlowPicture): string {
  const ids = new Map(columns.flatMap(({ boxes }) => boxes).map(({ id }, at) => [id, `n${at}`]));
  const odd = columns.flatMap(({ boxes }) => boxes.flatMap((box) => (box.odd ? (ids.get(box.id) ?? []) : [])));
  return [
    "flowchart LR",
    ...accessible(title, description),
    ...columns.flatMap(({ name, side, boxes }, at) => [
      `  subgraph c${at}["${quoted(`${side === "people" ? "" : `${SHORT[side]}: `}${name}`)}"]`,
      ...boxes.map(
        ({ id, text, note }) => `    ${ids.get(id)}["${quoted(text)}${note ? `<br/>${quoted(note)}` : ""}"]`,
      ),
      // A column without a box would not be drawn, and the next one would stand in its place.
      ...(boxes.length === 0 ? [`    c${at}none["none"]`] : []),
      "  end",
    ]),
    ...links.map(({ from, to }) => `  ${ids.get(from)} --> ${ids.get(to)}`),
    ...(odd.length > 0 ? ["  classDef odd stroke-dasharray: 4 3", `  class ${odd.join(",")} odd`] : []),
  ].join("\n");
}

const SHORT: Readonly<Record<Side, string>> = { "Microsoft Entra ID": "Entra", AWS: "AWS", people: "" };

/** https://mermaid.js.org/syntax/sequenceDiagram.html */
export function sequenceToMermaid({ title, description, participants, messages }: SequencePicture): string {
  const ids = new Map(participants.map(({ id }, at) => [id, `p${at}`]));
  return [
    "sequenceDiagram",
    ...accessible(title, description),
    "  autonumber",
    ...participants.map(({ id, name, note, side }) => {
      const kind = side === "people" ? "actor" : "participant";
      return `  ${kind} ${ids.get(id)} as ${plain(name)}${note ? `<br/>${plain(note)}` : ""}`;
    }),
    ...messages.map(
      ({ from, to, text, reply }) => `  ${ids.get(from)}${reply ? "-->>" : "->>"}${ids.get(to)}: ${plain(text)}`,
    ),
  ].join("\n");
}

const accessible = (title: string, description: string): string[] => [
  `  accTitle: ${plain(title)}`,
  `  accDescr: ${plain(description)}`,
];

/** Mermaid's own escapes: https://mermaid.js.org/syntax/flowchart.html#entity-codes-to-escape-characters */
const ESCAPES: Readonly<Record<string, string>> = {
  "#": "#35;",
  ";": "#59;",
  '"': "#quot;",
  "<": "#lt;",
  ">": "#gt;",
  "`": "#96;",
};
const plain = (text: string): string => text.replace(/[#;"<>`]/g, (char) => ESCAPES[char] ?? char).replace(/\s+/g, " ");
const quoted = plain;
