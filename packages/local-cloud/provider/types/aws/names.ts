import { randomBytes } from "node:crypto";
import type { Attributes } from "../../values";
import { optionalText } from "./attributes";

// `name` and `name_prefix`: internal/create/naming.go of the provider; the suffix is id.UniqueId of terraform-plugin-sdk.

const SUFFIX_LENGTH = 26;
const SUFFIX = /\d{18}[0-9a-f]{8}$/;

/** The longest prefix that leaves room for what the provider appends. */
export const prefixLength = (nameLength: number) => nameLength - SUFFIX_LENGTH;

/** What the provider appends to be unique: 18 digits of time, and a counter. */
export function uniqueSuffix(): string {
  const time = new Date().toISOString().replace(/\D/g, "").padEnd(18, "0");
  return `${time}${randomBytes(4).toString("hex")}`;
}

/** The configured name, or one made from the prefix. */
export function chosenName(planned: Attributes): string {
  return optionalText(planned, "name") ?? `${optionalText(planned, "name_prefix") ?? "terraform-"}${uniqueSuffix()}`;
}

/** The prefix that a name was made from, or nothing. */
export function prefixOf(name: string): string {
  return SUFFIX.test(name) ? name.replace(SUFFIX, "") : "";
}
