import { v5 as uuidv5 } from "uuid";

const ATTRIBUTES = "https://aws.amazon.com/SAML/Attributes";

/** Longest value of an app role that Entra's role import takes: role ARN and provider ARN with the comma (tutorial, known issues). */
export const MAX_ROLE_CLAIM = 239;

/** The value of an app role, which Entra sends to AWS as the Role claim: role first, provider second, one comma, no space. */
export function roleClaim(roleArn: string, providerArn: string): string {
  return `${roleArn},${providerArn}`;
}

/**
 * The id of a declared app role. It follows from the claim alone, so a plan names it before anything exists, a second role
 * does not change the first, and the same role has the same id after a rebuild.
 */
export function appRoleId(claim: string): string {
  return uuidv5(claim, "5a3d0c9e-6f0b-4c55-9a53-2f1f1f4f7a0d");
}

/** What AWS shows and logs as the person's session: `ROLE / RoleSessionName / account`. */
export type RoleSessionName =
  /** The user principal name as it is. AWS refuses it for guests (`#EXT#`), names with `'`, and above 64 characters. */
  | "userPrincipalName"
  /** The user's object id in Entra: always valid, readable only with a look-up. */
  | "objectId"
  /** The user principal name with what AWS refuses replaced by `-`, cut to 64 characters; two names can become the same. */
  | "cleanedUserPrincipalName";

interface ClaimsSchemaEntry {
  readonly Source?: string;
  readonly ID?: string;
  readonly Value?: string;
  readonly TransformationId?: string;
  readonly SamlClaimType?: string;
}

/**
 * The definition of the claims mapping policy: Role from the app roles a person holds, RoleSessionName, SessionDuration.
 * `IncludeBasicClaimSet` keeps the NameID that SAML needs. Claim names are case-sensitive at AWS.
 * @see https://learn.microsoft.com/entra/identity-platform/reference-claims-mapping-policy-type
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_saml_assertions.html
 */
export function claimsMapping(roleSessionName: RoleSessionName, sessionDurationSec: number): string {
  const upn: ClaimsSchemaEntry = { Source: "user", ID: "userprincipalname" };
  const nameClaim = `${ATTRIBUTES}/RoleSessionName`;
  const cleaned = roleSessionName === "cleanedUserPrincipalName";
  const name: readonly ClaimsSchemaEntry[] = {
    userPrincipalName: [{ ...upn, SamlClaimType: nameClaim }],
    objectId: [{ Source: "user", ID: "objectid", SamlClaimType: nameClaim }],
    cleanedUserPrincipalName: [
      upn,
      { Source: "transformation", ID: "CleanedName", TransformationId: "CleanName", SamlClaimType: nameClaim },
    ],
  }[roleSessionName];
  return JSON.stringify({
    ClaimsMappingPolicy: {
      Version: 1,
      IncludeBasicClaimSet: "true",
      ClaimsSchema: [
        { Source: "user", ID: "assignedroles", SamlClaimType: `${ATTRIBUTES}/Role` },
        ...name,
        { Value: String(sessionDurationSec), SamlClaimType: `${ATTRIBUTES}/SessionDuration` },
      ],
      ...(cleaned ? { ClaimsTransformations: [CLEAN_NAME] } : {}),
    },
  });
}

/**
 * AWS takes 2 to 64 of `A-Z a-z 0-9 _ + = , . @ -`. The first alternative cuts what is longer than 64 (63 kept, one `-`), the second
 * replaces each character outside the set; the order matters, since a character is matched once.
 */
const CLEAN_NAME = {
  ID: "CleanName",
  TransformationMethod: "RegexReplace",
  InputClaims: [{ ClaimTypeReferenceId: "userprincipalname", TransformationClaimType: "sourceClaim" }],
  InputParameters: [
    { ID: "regex", Value: "(?<=^.{63}).{2,}$|[^A-Za-z0-9_+=,.@-]" },
    { ID: "replacement", Value: "-" },
  ],
  OutputClaims: [{ ClaimTypeReferenceId: "CleanedName", TransformationClaimType: "outputClaim" }],
};
