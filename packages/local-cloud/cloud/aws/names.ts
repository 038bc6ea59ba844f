import { invalidInput, limitExceeded, validationError } from "./errors";

// The rules for what things may be called. Sources: IAM User Guide, "IAM and AWS STS quotas" (reference_iam-quotas), "Tags for AWS
// Identity and Access Management resources" (id_tags), and the parameter patterns of CreateRole, CreateUser, CreatePolicy,
// CreateSAMLProvider in the IAM API Reference.

export type Tags = Readonly<Record<string, string>>;

const NAME = /^[\w+=,.@-]+$/;
const SAML_PROVIDER_NAME = /^[\w.-]+$/;
const PATH = /^\/(?:[\x21-\x7e]+\/)?$/;
const ROLE_DESCRIPTION = /^[\t\n\r\x20-\x7e\xa1-\xff]*$/;
const POLICY_DESCRIPTION = /^[\p{L}\p{M}\p{Z}\p{S}\p{N}\p{P}]*$/u;
const TAG = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;
const MAX_TAGS = 50;

function check(field: string, value: string, max: number, pattern: RegExp, allowed: string): void {
  if (value.length > max)
    throw validationError(`${field} '${value}' has ${value.length} characters, IAM takes up to ${max}`);
  if (!pattern.test(value)) throw validationError(`${field} '${value}' must match ${allowed}`);
}

export const checkRoleName = (name: string) => check("roleName", name, 64, NAME, "[\\w+=,.@-]+");
export const checkUserName = (name: string) => check("userName", name, 64, NAME, "[\\w+=,.@-]+");
export const checkPolicyName = (name: string) => check("policyName", name, 128, NAME, "[\\w+=,.@-]+");
export const checkPath = (path: string) => check("path", path, 512, PATH, "/ or /…/ of printable ASCII");
export const checkRoleDescription = (text: string) =>
  check("description", text, 1000, ROLE_DESCRIPTION, "Latin-1 text without control characters");
export const checkPolicyDescription = (text: string) =>
  check("description", text, 1000, POLICY_DESCRIPTION, "letters, marks, separators, symbols, numbers and punctuation");

/**
 * The page's prose also names `+=,@`, its pattern does not: only what both allow is taken.
 * https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateSAMLProvider.html
 */
export const checkSamlProviderName = (name: string) => check("name", name, 128, SAML_PROVIDER_NAME, "[\\w._-]+");

/** Tags after some were added or changed; refuses what IAM refuses. */
export function withTags(tags: Tags, added: Tags): Tags {
  for (const [key, value] of Object.entries(added)) {
    if (key.length < 1 || key.length > 128 || !TAG.test(key)) throw validationError(`tag key '${key}' is not valid`);
    if (value.length > 256 || !TAG.test(value)) throw validationError(`the value of tag '${key}' is not valid`);
    if (key.toLowerCase().startsWith("aws:"))
      throw invalidInput(`tag key '${key}' starts with aws:, which is reserved`);
  }
  const all = { ...tags, ...added };
  // "You cannot have separate Department and department tag keys" (id_tags).
  const twice = Object.keys(all).find((key, at, keys) => {
    return keys.findIndex((other) => other.toLowerCase() === key.toLowerCase()) !== at;
  });
  if (twice !== undefined) throw invalidInput(`tag key '${twice}' is there twice; case does not count`);
  if (Object.keys(all).length > MAX_TAGS) throw limitExceeded(`a resource takes up to ${MAX_TAGS} tags`);
  return all;
}

/** Tags after some keys were taken away. */
export function withoutTags(tags: Tags, keys: readonly string[]): Tags {
  return Object.fromEntries(Object.entries(tags).filter(([key]) => !keys.includes(key)));
}
