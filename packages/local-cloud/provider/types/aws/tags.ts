import type { Tags } from "../../../cloud/aws/names";
import { type Attributes, UNKNOWN, type Value } from "../../values";
import { isBlock } from "./attributes";
import type { AwsConnection } from "./connection";

/** The members of a map of texts. */
export function tagsOf(value: Value | undefined): Record<string, string> {
  const entries = isBlock(value ?? null) ? Object.entries(value as Attributes) : [];
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => typeof entry[1] === "string"));
}

const isUnknown = (value: Value | undefined): boolean =>
  value === UNKNOWN || (isBlock(value ?? null) && Object.values(value as Attributes).includes(UNKNOWN));

/**
 * `tags_all` at plan: the provider's default tags with the resource's own on top. Without a single tag the provider leaves it to be
 * known after apply where there is a change at all (SetTagsDiff in internal/verify/diff.go).
 */
export function planTags(
  { defaultTags }: AwsConnection,
  { prior, planned }: { prior: Attributes | null; planned: Attributes },
): void {
  const all = { ...defaultTags, ...tagsOf(planned.tags) };
  const had = tagsOf(prior?.tags_all);
  if (isUnknown(planned.tags)) planned.tags_all = UNKNOWN;
  else if (Object.keys(all).length > 0) planned.tags_all = all;
  else if (!prior || Object.keys(had).length > 0) planned.tags_all = UNKNOWN;
}

/** All tags to send: those planned, or if they were not known yet, what they came to. */
export function allTags({ defaultTags }: AwsConnection, planned: Attributes): Record<string, string> {
  return { ...defaultTags, ...tagsOf(planned.tags) };
}

/** `tags` and `tags_all` of what the account holds: a default tag is the resource's own only if it is written there. */
export function readTags({ defaultTags }: AwsConnection, state: Attributes, all: Tags): Attributes {
  const own = tagsOf(state.tags);
  const tags = Object.fromEntries(
    Object.entries(all).filter(([key, value]) => key in own || defaultTags[key] !== value),
  );
  return { tags: Object.keys(tags).length > 0 || isBlock(state.tags ?? null) ? tags : null, tags_all: { ...all } };
}

/** Brings tags from one set to the other, in the two requests that the provider makes. */
export async function changeTags(
  from: Tags,
  to: Tags,
  send: { untag(keys: string[]): Promise<void>; tag(tags: Tags): Promise<void> },
): Promise<void> {
  const gone = Object.keys(from).filter((key) => !(key in to));
  const changed = Object.fromEntries(Object.entries(to).filter(([key, value]) => from[key] !== value));
  if (gone.length > 0) await send.untag(gone);
  if (Object.keys(changed).length > 0) await send.tag(changed);
}
