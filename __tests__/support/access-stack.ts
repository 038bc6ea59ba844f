import { type Block, type Body, blocksOf, type StackJson } from "./stack-json";

export interface Stack {
  readonly resources: readonly Block[];
  readonly of: (type: string) => readonly Block[];
  /** Where the AWS provider works. */
  readonly region: string;
  /** Every region that a resource of the stack is in. */
  readonly allRegions: readonly string[];
  /** What the stack calls an existing group, by its object id in small letters. */
  readonly groupNames: Readonly<Record<string, unknown>>;
  /** The resource that an expression like `${azuread_group.x.object_id}` speaks of. */
  readonly behind: (expression: unknown) => Block | undefined;
}

export function indexed(json: StackJson): Stack {
  const blocks = blocksOf(json);
  const resources = blocks.filter(({ kind }) => kind === "resource");
  const aws = blocks.find(({ address }) => address === "provider.aws");
  const region = String(aws?.body["region"] ?? "the provider's region");
  const byAddress = new Map(resources.map((block) => [block.address, block]));
  return {
    resources,
    region,
    allRegions: [...new Set([region, ...resources.flatMap(({ body }) => regionsIn(body) ?? [])])].sort(),
    groupNames: asBody(json.locals?.["existing_group_names"]),
    of: (type) => resources.filter((block) => block.type === type),
    behind: (expression) => byAddress.get(/^\$\{(\w+\.[\w-]+)\.\w+\}$/.exec(String(expression))?.[1] ?? ""),
  };
}

/** How Terraform is to go about a resource, not what it is. `ignore_changes` is no such thing: it leaves an attribute to others. */
const MANNERS = ["depends_on", "lifecycle"];

/** Nobody can change it once the certificate is made. */
const SUBJECT = /^azuread_service_principal_token_signing_certificate\..* display_name$/;

export function unread(address: string, body: Body, told: readonly string[]): string[] {
  const rest = Object.entries(body).filter(([name]) => !told.includes(name) && !MANNERS.includes(name));
  const pinned = JSON.stringify(asBody(body["lifecycle"])["postcondition"] ?? []);
  const left = list(asBody(body["lifecycle"])["ignore_changes"]).filter(
    (name) =>
      !LEFT_TO_OTHERS.includes(String(name)) &&
      !String(name).endsWith('["@odata.type"]') &&
      !SUBJECT.test(`${address} ${name}`) &&
      // A plan stops at any other value.
      !pinned.includes(`self.${name}`),
  );
  return [
    ...asJson(Object.fromEntries(rest)).map((json) => `${address} also has ${json}`),
    ...(left.length > 0 ? [`${address} leaves to others: ${left.join(", ")}`] : []),
  ];
}

/**
 * The identifier is a resource of its own; imported app roles are told as such; the length of an eligibility is told, too. The type that
 * Graph writes beside a value is none of ours.
 */
const LEFT_TO_OTHERS = ["identifier_uris", "app_role", "duration"];

/** What people call an object: its name where the stack makes it, otherwise what stands there, with the name of an existing group. */
export function nameOf(stack: Stack, id: unknown): string {
  const body = stack.behind(id)?.body;
  const own =
    body?.["display_name"] ??
    body?.["name"] ??
    body?.["bucket"] ??
    stack.behind(body?.["client_id"])?.body["display_name"];
  const called = stack.groupNames[String(id).toLowerCase()];
  const existing = called === undefined ? id : `${id} "${called}"`;
  return String(body?.["user_principal_name"] ?? own ?? existing);
}

/** More regions than these have a line of their own, and are named by it. */
export const FEW_REGIONS = 4;

/** The regions of a resource, however many of it are made. */
export function regionsOf(stack: Stack, body: Body): string {
  const regions = regionsIn(body);
  if (!regions) return [body["region"] ?? stack.region, ...list(body["for_each"])].join(" for each of ");
  const missing = stack.allRegions.filter((region) => !regions.includes(region));
  if (regions.length <= FEW_REGIONS || missing.length > FEW_REGIONS) return regions.join(", ");
  return missing.length === 0 ? "all regions" : `all regions but ${missing.join(", ")}`;
}

/** `${toset(["eu-west-1", "us-east-1"])}`: one in each. */
function regionsIn({ region, for_each }: Body): string[] | undefined {
  const set = /^\$\{toset\((\[.*\])\)\}$/.exec(String(for_each))?.[1];
  return region === "${each.value}" && set !== undefined ? list(decoded(set)).map(String) : undefined;
}

export function duration(seconds: unknown): string {
  if (typeof seconds !== "number") return String(seconds);
  return seconds % 3600 === 0 ? `${seconds / 3600} h` : `${seconds / 60} min`;
}

export function chain(...links: readonly string[]): string {
  return links.join(" -> ");
}

export function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? "" : "s"}`;
}

export function list(value: unknown): unknown[] {
  return value === undefined || value === null ? [] : [value].flat();
}

export function asBody(value: unknown): Body {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Body) : {};
}

/** A block that stands once, in either way that Terraform's JSON writes it; whatever else stands there, under a name of its own. */
export function asBlock(value: unknown): Body {
  if (Array.isArray(value) && value.length <= 1) return asBlock(value[0]);
  if (value === undefined || value === null) return {};
  return typeof value === "object" && !Array.isArray(value) ? (value as Body) : { blocks: value };
}

/** Blocks by their names, without those in which nothing is left. */
export function leftOf(blocks: Readonly<Record<string, Body>>): Body {
  return Object.fromEntries(Object.entries(blocks).filter(([, body]) => asJson(body).length > 0));
}

/** As JSON, or nothing where nothing is in it. */
export function asJson(body: Body): string[] {
  const text = JSON.stringify(body);
  return text === "{}" ? [] : [text];
}

export function decoded(text: unknown): Body | undefined {
  try {
    return JSON.parse(String(text)) as Body;
  } catch {
    return undefined;
  }
}
