/** A role as `iam:ListRoles` shows it to the importer. */
export interface ListedRole {
  arn: string;
  roleName: string;
  path: string;
  /** The trust policy, as JSON or as URL-encoded JSON. */
  assumeRolePolicyDocument: string;
}

/** What the importer makes of one AWS role. */
export type Verdict =
  | { readonly kind: "import"; readonly claim: string; readonly displayName: string }
  | { readonly kind: "refuse"; readonly reason: string }
  /** A role that no SAML provider may assume is none of the importer's business. */
  | { readonly kind: "ignore" };

/** "Role ARN and SAML provider ARN together, less than 240 characters": Microsoft's tutorial for AWS Single-Account Access, known issues. */
const LONGEST_CLAIM = 239;

// Assumption entra-import-tag-session, never checked: A role whose trust policy also allows sts:TagSession is not imported, and is disabled
// if it was (one report from 2020, azure-docs#51322).
/**
 * Which roles come in: those whose trust policy names exactly one SAML provider (Microsoft's tutorial for AWS Single-Account
 * Access, known issues; azure-docs#14500) and allows nothing but `sts:AssumeRoleWithSAML` (azure-docs#51322).
 */
export function judge(role: ListedRole): Verdict {
  const statements = federatedStatements(role.assumeRolePolicyDocument);
  const federated = [...new Set(statements.flatMap((statement) => list(principalOf(statement).Federated)))];
  const providers = federated.filter((principal) => principal.includes(":saml-provider/"));
  const [provider] = providers;
  if (!provider) return { kind: "ignore" };
  if (federated.length > 1) return { kind: "refuse", reason: "its trust policy names more than one identity provider" };
  const others = statements
    .flatMap((statement) => list(statement.Action))
    .filter((action) => action !== "sts:AssumeRoleWithSAML");
  if (others.length > 0) return { kind: "refuse", reason: `its trust policy also allows ${others.join(", ")}` };
  const claim = `${role.arn},${provider}`;
  if (claim.length > LONGEST_CLAIM) {
    return {
      kind: "refuse",
      reason: `role ARN and provider ARN have ${claim.length} characters, at most ${LONGEST_CLAIM} are imported`,
    };
  }
  return { kind: "import", claim, displayName: `${role.roleName},${provider.split("/").pop()}` };
}

interface Statement {
  Effect?: unknown;
  Principal?: unknown;
  Action?: unknown;
}

function federatedStatements(document: string): Statement[] {
  const text = document.startsWith("%") ? decodeURIComponent(document) : document;
  const { Statement: statements } = JSON.parse(text) as { Statement?: Statement | Statement[] };
  const all = Array.isArray(statements) ? statements : statements ? [statements] : [];
  return all.filter((statement) => statement.Effect === "Allow" && list(principalOf(statement).Federated).length > 0);
}

function principalOf(statement: Statement): { Federated?: unknown } {
  const { Principal: principal } = statement;
  return typeof principal === "object" && principal !== null ? principal : {};
}

/** One text or a list of texts, as IAM policies allow both. */
function list(value: unknown): string[] {
  return (Array.isArray(value) ? value : [value]).filter((item): item is string => typeof item === "string");
}
