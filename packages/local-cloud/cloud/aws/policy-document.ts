import { malformedPolicyDocument, notModelled, validationError } from "./errors";

/** One statement of a policy, its lists always lists: `"Action": "a"` and `"Action": ["a"]` mean the same. */
export interface Statement {
  readonly effect: "Allow" | "Deny";
  readonly actions?: readonly string[];
  readonly notActions?: readonly string[];
  readonly resources?: readonly string[];
  readonly notResources?: readonly string[];
  /** By type: `{ Federated: [arn] }`; `"*"` stands for `"Principal": "*"`. */
  readonly principals?: "*" | Readonly<Record<string, readonly string[]>>;
  readonly notPrincipals?: unknown;
  /** Operator, then condition key, then the values. */
  readonly conditions: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
}

export interface PolicyDocument {
  readonly statements: readonly Statement[];
}

type Json = Readonly<Record<string, unknown>>;

// The grammar: IAM User Guide, "Grammar of the IAM JSON policy language" (reference_policies_grammar).
const VERSIONS = ["2012-10-17", "2008-10-17"];
const ELEMENTS = [
  "Sid",
  "Effect",
  "Principal",
  "NotPrincipal",
  "Action",
  "NotAction",
  "Resource",
  "NotResource",
  "Condition",
];
/** Characters a policy document may hold ("IAM name requirements" in reference_iam-quotas). */
const CHARACTERS = /^[\t\n\r\x20-\xff]+$/;

const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const syntaxError = (why: string) => malformedPolicyDocument(`Syntax errors in policy: ${why}`);

function list(value: unknown, element: string): readonly string[] {
  const values = Array.isArray(value) ? value : [value];
  if (values.length === 0 || !values.every((one) => typeof one === "string")) {
    throw syntaxError(`${element} is neither a string nor a list of strings`);
  }
  return values as string[];
}

function listsByKey(value: unknown, element: string): Readonly<Record<string, readonly string[]>> {
  if (!isObject(value)) throw syntaxError(`${element} is no object`);
  // Booleans and numbers may stand without quotes in a condition.
  const asText = (one: unknown) => (typeof one === "boolean" || typeof one === "number" ? String(one) : one);
  return Object.fromEntries(
    Object.entries(value).map(([key, held]) => [
      key,
      list(Array.isArray(held) ? held.map(asText) : asText(held), `${element} ${key}`),
    ]),
  );
}

function parseStatement(value: unknown, sids: RegExp): Statement {
  if (!isObject(value)) throw syntaxError("a statement is no object");
  const unknownKey = Object.keys(value).find((element) => !ELEMENTS.includes(element));
  if (unknownKey) throw syntaxError(`${unknownKey} is no element of a statement`);
  const { Sid: sid, Effect: effect, Principal: principal, Condition: condition } = value;
  if (effect !== "Allow" && effect !== "Deny")
    throw syntaxError(`Effect is ${JSON.stringify(effect)}, not Allow or Deny`);
  if (sid !== undefined && (typeof sid !== "string" || !sids.test(sid))) {
    throw malformedPolicyDocument(`Statement IDs (SID) must be alpha-numeric: ${JSON.stringify(sid)}`);
  }
  const optional = (element: string) => (element in value ? list(value[element], element) : undefined);
  const conditions = condition === undefined ? {} : condition;
  if (!isObject(conditions)) throw syntaxError("Condition is no object");
  return {
    effect,
    actions: optional("Action"),
    notActions: optional("NotAction"),
    resources: optional("Resource"),
    notResources: optional("NotResource"),
    principals: principal === undefined || principal === "*" ? principal : listsByKey(principal, "Principal"),
    notPrincipals: value.NotPrincipal,
    conditions: Object.fromEntries(
      Object.entries(conditions).map(([operator, keys]) => [operator, listsByKey(keys, `Condition ${operator}`)]),
    ),
  };
}

/** reference_policies_elements_sid: letters and digits only in IAM. */
const IAM_SIDS = /^[A-Za-z0-9]*$/;

/** Reads a policy; refuses what is no policy with IAM's `MalformedPolicyDocument`. @param sids what a `Sid` may be */
export function parsePolicyDocument(text: string, sids: RegExp = IAM_SIDS): PolicyDocument {
  if (!CHARACTERS.test(text)) throw validationError("the policy document is empty or holds characters beyond U+00FF");
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw malformedPolicyDocument("This policy contains invalid Json");
  }
  if (!isObject(value)) throw syntaxError("it is no object");
  const { Version: version, Id: id, Statement: statement, ...others } = value;
  const unknownKey = Object.keys(others)[0];
  if (unknownKey !== undefined) throw syntaxError(`${unknownKey} is no element of a policy`);
  if (id !== undefined && typeof id !== "string") throw syntaxError("Id is no string");
  if (version !== undefined && !VERSIONS.includes(String(version))) {
    throw malformedPolicyDocument(`The policy must contain a valid version string, not ${JSON.stringify(version)}`);
  }
  const statements = Array.isArray(statement) ? statement : [statement];
  if (statement === undefined || statements.length === 0) throw syntaxError("it has no statement");
  const ids = statements.flatMap((one) => (isObject(one) && one.Sid ? [one.Sid] : []));
  if (new Set(ids).size < ids.length) {
    throw malformedPolicyDocument("Statement IDs (SID) in a single policy must be unique.");
  }
  return { statements: statements.map((one) => parseStatement(one, sids)) };
}

/**
 * What counts against a size quota: "IAM doesn't count white space when calculating the size of a policy against these quotas"
 * (reference_iam-quotas).
 */
export function policySize(text: string): number {
  return text.replace(/\s/g, "").length;
}

// Assumption aws-unknown-actions-accepted, never checked: IAM takes an identity policy with an action or a service that does not exist, as
// long as its form is right.
function checkActions(statement: Statement): void {
  if ((statement.actions === undefined) === (statement.notActions === undefined)) {
    throw malformedPolicyDocument("Policy statement must contain actions: either Action or NotAction.");
  }
  for (const action of statement.actions ?? statement.notActions ?? []) {
    if (action !== "*" && !/^[A-Za-z0-9-]+:[A-Za-z0-9*?]+$/.test(action)) {
      throw malformedPolicyDocument(
        `Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc., which ${action} is not`,
      );
    }
  }
}

/** Refuses a document that IAM refuses as a policy of a user or role, or as a managed policy. */
export function checkIdentityPolicy(text: string): void {
  for (const statement of parsePolicyDocument(text).statements) {
    if (statement.principals !== undefined || statement.notPrincipals !== undefined) {
      throw malformedPolicyDocument("Policy document should not specify a principal.");
    }
    checkActions(statement);
    if ((statement.resources === undefined) === (statement.notResources === undefined)) {
      throw malformedPolicyDocument("Policy statement must contain resources: either Resource or NotResource.");
    }
    for (const resource of statement.resources ?? statement.notResources ?? []) {
      if (resource !== "*" && !/^arn:[^:]+:[^:]+:[^:]*:[^:]*:.+$/.test(resource)) {
        throw malformedPolicyDocument(`Resource ${resource} must be in ARN format or "*".`);
      }
    }
  }
}

// Assumption aws-trust-policy-grammar, never checked: A trust policy may name sts:AssumeRole, its two federated forms, SetContext,
// SetSourceIdentity, TagSession and wildcards of sts; the words of most grammar refusals are ours.
/** Actions that a trust policy may name ("Actions defined by AWS Security Token Service", Service Authorization Reference). */
const TRUST_ACTIONS = [
  "sts:AssumeRole",
  "sts:AssumeRoleWithSAML",
  "sts:AssumeRoleWithWebIdentity",
  "sts:SetContext",
  "sts:SetSourceIdentity",
  "sts:TagSession",
].map((action) => action.toLowerCase());

/**
 * Refuses a document that IAM refuses as a role's trust policy.
 * @param exists whether this account has what a principal's ARN names; `undefined` for an ARN of another account.
 */
export function checkTrustPolicy(text: string, exists: (principalArn: string) => boolean | undefined): void {
  for (const statement of parsePolicyDocument(text).statements) {
    // The words: kubernetes-sigs/external-dns#3085.
    if (statement.resources || statement.notResources) throw malformedPolicyDocument("Has prohibited field Resource");
    if (statement.notPrincipals !== undefined) throw notModelled("NotPrincipal in a trust policy");
    if (statement.principals === undefined) {
      throw malformedPolicyDocument("AssumeRole policy must contain a principal in every statement");
    }
    checkActions(statement);
    if (statement.notActions) throw notModelled("NotAction in a trust policy");
    for (const action of statement.actions ?? []) {
      if (
        !action.toLowerCase().startsWith("sts:") ||
        (!/[*?]/.test(action) && !TRUST_ACTIONS.includes(action.toLowerCase()))
      ) {
        throw malformedPolicyDocument(`AssumeRole policy may only specify STS AssumeRole actions, not ${action}`);
      }
    }
    if (statement.principals === "*") continue;
    for (const [type, ids] of Object.entries(statement.principals)) {
      for (const id of ids) checkPrincipal(type, id, exists);
    }
  }
}

// Assumption aws-principals-elsewhere, never checked: A role or user of another account is taken to exist, a service principal by the form
// of its name.
// Assumption aws-federated-principal-exists, never checked: IAM refuses a trust policy that names a SAML provider which is not in the role's
// own account, as it does with a role or user that is not there (terraform-provider-aws#8905 shows the latter).
function checkPrincipal(type: string, id: string, exists: (arn: string) => boolean | undefined): void {
  // "Invalid principal in policy" is what IAM says of a principal that is not there: hashicorp/terraform-provider-aws#8905.
  const invalid = malformedPolicyDocument(`Invalid principal in policy: "${type}":"${id}"`);
  if (type === "Federated") {
    if (/^arn:[\w-]+:iam::\d{12}:oidc-provider\//.test(id)) throw notModelled(`The OpenID Connect provider ${id}`);
    if (/^arn:[\w-]+:iam::\d{12}:saml-provider\//.test(id)) {
      if (!exists(id)) throw invalid;
      return;
    }
    // The words: terraform-aws-modules/terraform-aws-eks#2594.
    if (!/^[a-z0-9-]+(\.[a-z0-9-]+)+$/.test(id)) {
      throw malformedPolicyDocument(`Federated principals must be valid domain names or SAML metadata ARNs, not ${id}`);
    }
    return;
  }
  if (type === "AWS") {
    if (id === "*" || /^\d{12}$/.test(id) || /^arn:[\w-]+:iam::\d{12}:root$/.test(id)) return;
    if (!/^arn:[\w-]+:iam::\d{12}:(role|user)\/.+$/.test(id)) throw notModelled(`The principal ${id}`);
    if (exists(id) === false) throw invalid;
    return;
  }
  if (type === "Service") {
    if (!/^[a-z0-9.-]+\.(amazonaws\.com(\.cn)?|amazon\.com|aws\.internal)$/.test(id)) throw invalid;
    return;
  }
  throw notModelled(`A principal of type ${type}`);
}
