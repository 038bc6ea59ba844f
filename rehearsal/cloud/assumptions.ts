/** A rule of the local cloud that no public source confirms: what it takes for granted, and where. */
export interface Assumption {
  readonly id: string;
  readonly text: string;
  /** The file that relies on it. */
  readonly where: string;
}

/** Everything that a green rehearsal cannot prove, because the rule itself is a guess. The documentation shows this list. */
export const assumptions: readonly Assumption[] = [
  {
    id: "entra-instantiate-owner",
    text: "Whoever instantiates a gallery template becomes owner of the application and of the enterprise app.",
    where: "entra/application-templates.ts",
  },
  {
    id: "entra-first-certificate-inactive",
    text: "A signing certificate does not sign before preferredTokenSigningKeyThumbprint names it, not even the first one (public reports disagree).",
    where: "entra/signing-certificates.ts",
  },
  {
    id: "entra-thumbprint-known",
    text: "preferredTokenSigningKeyThumbprint has to name a certificate of the enterprise app; one that is removed later is still named, and signs nothing.",
    where: "entra/service-principals.ts",
  },
  {
    id: "entra-credential-order",
    text: "Graph lists key credentials in the order in which they were added, the Sign entry before its Verify entry.",
    where: "entra/signing-certificates.ts",
  },
  {
    id: "entra-identifier-free-after-delete",
    text: "The identifier of an application that was deleted (not yet purged) may be used again.",
    where: "entra/applications.ts",
  },
  {
    id: "entra-reply-url-fragment",
    text: "A reply URL with a # part is refused.",
    where: "entra/applications.ts",
  },
  {
    id: "entra-removed-role-assignments",
    text: "When an app role is removed, its assignments go with it.",
    where: "entra/applications.ts",
  },
  {
    id: "entra-disabled-role-not-assignable",
    text: "A disabled app role cannot be assigned; an assignment made before stays, and its claim is no longer sent.",
    where: "entra/app-role-assignments.ts",
  },
  {
    id: "entra-one-claims-policy",
    text: "A second claims mapping policy for the same enterprise app is refused as a conflict; a policy that is deleted is no longer assigned.",
    where: "entra/claims-mapping-policies.ts",
  },
  {
    id: "entra-claims-policy-check",
    text: "Graph refuses a claims mapping policy whose JSON has no ClaimsMappingPolicy, Version 1 or well-formed ClaimsSchema when it is written, not at sign-in.",
    where: "entra/claims-mapping-policies.ts",
  },
  {
    id: "entra-conditional-access-wording",
    text: "What Conditional Access refuses is documented; the words of its refusals here are partly ours.",
    where: "entra/conditional-access.ts",
  },
  {
    id: "entra-synchronization-keys",
    text: "The template aws takes the secrets ClientSecret, SecretToken, SyncNotificationSettings and SyncAll, and no other.",
    where: "entra/synchronization.ts",
  },
  {
    id: "entra-synchronization-start",
    text: "A synchronization job cannot be started before ClientSecret and SecretToken are stored; an enterprise app has one job of a template.",
    where: "entra/synchronization.ts",
  },
  {
    id: "entra-import-tag-session",
    text: "A role whose trust policy also allows sts:TagSession is not imported, and is disabled if it was (one report from 2020, azure-docs#51322).",
    where: "entra/role-import.ts",
  },
  {
    id: "entra-import-disabled-stays",
    text: "A role that the importer disabled stays disabled, also when its cause is gone (reported for a second SAML provider, azure-docs#17151).",
    where: "entra/synchronization.ts",
  },
  {
    id: "entra-import-declared-claim",
    text: "When the application already declares a role with the claim to be imported, the importer leaves it alone and adds none; the other answer, a second role of the same value, can be chosen for a cycle.",
    where: "entra/synchronization.ts",
  },
  {
    id: "entra-imported-roles-survive",
    text: "Roles that the importer put on the service principal stay there when the application is changed.",
    where: "entra/synchronization.ts",
  },
  {
    id: "entra-gallery-app-deletion",
    text: "With the scenario refuseGalleryAppDeletion, Graph deletes neither the gallery application in SAML mode nor its service principal, until the identifier is of a verified domain or somebody deletes the enterprise app in the portal (terraform-provider-azuread#1388).",
    where: "entra/applications.ts",
  },
];
