/** A rule of the local cloud that no public source confirms: what it takes for granted, and where. */
export interface Assumption {
  readonly id: string;
  readonly text: string;
  /** The file that relies on it, from the folder of the rehearsal. */
  readonly where: string;
}

/** Everything that a green rehearsal cannot prove, because the rule itself is a guess. The documentation shows this list. */
export const assumptions: readonly Assumption[] = [
  {
    id: "entra-instantiate-owner",
    text: "Whoever instantiates a gallery template becomes owner of the application and of the enterprise app.",
    where: "local-cloud/cloud/entra/application-templates.ts",
  },
  {
    id: "entra-first-certificate-inactive",
    text: "A signing certificate does not sign before preferredTokenSigningKeyThumbprint names it, not even the first one (public reports disagree).",
    where: "local-cloud/cloud/entra/signing-certificates.ts",
  },
  {
    id: "entra-thumbprint-known",
    text: "preferredTokenSigningKeyThumbprint has to name a certificate of the enterprise app; one that is removed later is still named, and signs nothing.",
    where: "local-cloud/cloud/entra/service-principals.ts",
  },
  {
    id: "entra-credential-order",
    text: "Graph lists key credentials in the order in which they were added, the Sign entry before its Verify entry.",
    where: "local-cloud/cloud/entra/signing-certificates.ts",
  },
  {
    id: "entra-identifier-free-after-delete",
    text: "The identifier of an application that was deleted (not yet purged) may be used again.",
    where: "local-cloud/cloud/entra/applications.ts",
  },
  {
    id: "entra-reply-url-fragment",
    text: "A reply URL with a # part is refused.",
    where: "local-cloud/cloud/entra/applications.ts",
  },
  {
    id: "entra-removed-role-assignments",
    text: "When an app role is removed, its assignments go with it.",
    where: "local-cloud/cloud/entra/applications.ts",
  },
  {
    id: "entra-disabled-role-not-assignable",
    text: "A disabled app role cannot be assigned; an assignment made before stays, and its claim is no longer sent.",
    where: "local-cloud/cloud/entra/app-role-assignments.ts",
  },
  {
    id: "entra-one-claims-policy",
    text: "A second claims mapping policy for the same enterprise app is refused as a conflict; a policy that is deleted is no longer assigned.",
    where: "local-cloud/cloud/entra/claims-mapping-policies.ts",
  },
  {
    id: "entra-claims-policy-check",
    text: "Graph refuses a claims mapping policy whose JSON has no ClaimsMappingPolicy, Version 1 or well-formed ClaimsSchema when it is written, not at sign-in.",
    where: "local-cloud/cloud/entra/claims-mapping-policies.ts",
  },
  {
    id: "entra-pim-defaults",
    text: "A group that nobody set PIM rules for asks for a second factor and a justification, activates for 8 hours at most, and takes no eligibility without an end (shown for directory roles; the last one reported for groups, terraform-provider-azuread#1450).",
    where: "local-cloud/cloud/entra/role-management-policies.ts",
  },
  {
    id: "entra-pim-context-or-mfa",
    text: "Graph refuses PIM rules with a second factor and an authentication context at once as InvalidPolicy.",
    where: "local-cloud/cloud/entra/role-management-policies.ts",
  },
  {
    id: "entra-pim-codes",
    text: "Activations of a group are refused with the codes of directory roles and Azure resources; who is not eligible fails EligibilityRule.",
    where: "local-cloud/cloud/entra/activations.ts",
  },
  {
    id: "entra-pim-activation-outlives",
    text: "An activation that runs goes on to its end when the eligibility is taken away or other rules are set.",
    where: "local-cloud/cloud/entra/activations.ts",
  },
  {
    id: "entra-pim-policy-id",
    text: "PIM settings of a group get another id with every change (terraform-provider-azuread says so in its code), and the id before it leads to nothing, so that the provider's refresh fails (terraform-provider-azuread#1769 reports that an id leads to no assignment any more).",
    where: "local-cloud/cloud/entra/role-management-policies.ts",
  },
  {
    id: "entra-pim-ended",
    text: "To take away an eligibility that has ended is refused as RoleAssignmentDoesNotExist (400), as where there never was one; a 404 instead the provider would pass over. When Entra forgets the request of an eligibility is not documented.",
    where: "local-cloud/cloud/entra/eligibility.ts",
  },
  {
    id: "entra-pim-remove-at-once",
    text: "An eligibility may be taken away within five minutes after it was given; an activation may not.",
    where: "local-cloud/cloud/entra/eligibility.ts",
  },
  {
    id: "entra-pim-restricted-unit",
    text: "PIM refuses a group in a restricted administrative unit as InvalidResource; the words are ours.",
    where: "local-cloud/cloud/entra/role-management-policies.ts",
  },
  {
    id: "entra-units-by-hand",
    text: "A role scoped to an administrative unit makes groups in it, and neither brings one that is there into the unit nor takes one out; the scenario deployIdentityManagesUnits lets the deploy identity.",
    where: "local-cloud/cloud/entra/directory.ts",
  },
  {
    id: "entra-scoped-deploy-identity",
    text: "The deploy identity has a role scoped to the administrative units that the configuration names; the scenario deployIdentityUnscoped takes it away.",
    where: "local-cloud/cloud/entra/directory.ts",
  },
  {
    id: "entra-conditional-access-wording",
    text: "What Conditional Access refuses is documented; the words of its refusals here are partly ours.",
    where: "local-cloud/cloud/entra/conditional-access.ts",
  },
  {
    id: "entra-filter-attribute-exists",
    text: "Graph refuses an application filter that names a custom security attribute which is not defined, or not of type String; a rule that is not read here it takes.",
    where: "local-cloud/cloud/entra/conditional-access.ts",
  },
  {
    id: "entra-named-location-in-use",
    text: "A named location that a Conditional Access policy names cannot be deleted.",
    where: "local-cloud/cloud/entra/named-locations.ts",
  },
  {
    id: "entra-attribute-type-name",
    text: "Graph takes the values of an attribute set under both names of their type, the documented request's and the documented answer's, and none without.",
    where: "local-cloud/cloud/entra/security-attributes.ts",
  },
  {
    id: "entra-attribute-at-once",
    text: "A value of a custom security attribute counts at the next sign-in; no page says how soon a filter for applications sees it.",
    where: "rehearsal/signin/chain/conditional-access.ts",
  },
  {
    id: "entra-policy-filter",
    text: "Graph filters Conditional Access policies by displayName and by state, also joined by or.",
    where: "local-cloud/provider/types/msgraph/graph.ts",
  },
  {
    id: "entra-synchronization-keys",
    text: "The template aws takes the secrets ClientSecret, SecretToken, SyncNotificationSettings and SyncAll, and no other.",
    where: "local-cloud/cloud/entra/synchronization.ts",
  },
  {
    id: "entra-synchronization-start",
    text: "A synchronization job cannot be started before ClientSecret and SecretToken are stored; an enterprise app has one job of a template.",
    where: "local-cloud/cloud/entra/synchronization.ts",
  },
  {
    id: "entra-import-tag-session",
    text: "A role whose trust policy also allows sts:TagSession is not imported, and is disabled if it was (one report from 2020, azure-docs#51322).",
    where: "local-cloud/cloud/entra/role-import.ts",
  },
  {
    id: "entra-import-disabled-stays",
    text: "A role that the importer disabled stays disabled, also when its cause is gone (reported for a second SAML provider, azure-docs#17151).",
    where: "local-cloud/cloud/entra/synchronization.ts",
  },
  {
    id: "entra-import-declared-claim",
    text: "When the application already declares a role with the claim to be imported, the importer leaves it alone and adds none; the other answer, a second role of the same value, can be chosen for a cycle.",
    where: "local-cloud/cloud/entra/synchronization.ts",
  },
  {
    id: "entra-imported-roles-survive",
    text: "Roles that the importer put on the service principal stay there when the application is changed.",
    where: "local-cloud/cloud/entra/synchronization.ts",
  },
  {
    id: "entra-gallery-app-deletion",
    text: "With the scenario refuseGalleryAppDeletion, Graph deletes neither the gallery application in SAML mode nor its service principal, until the identifier is of a verified domain or somebody deletes the enterprise app in the portal (terraform-provider-azuread#1388).",
    where: "local-cloud/cloud/entra/applications.ts",
  },
  {
    id: "aws-federated-principal-exists",
    text: "IAM refuses a trust policy that names a SAML provider which is not in the role's own account, as it does with a role or user that is not there (terraform-provider-aws#8905 shows the latter).",
    where: "local-cloud/cloud/aws/policy-document.ts",
  },
  {
    id: "aws-principals-elsewhere",
    text: "A role or user of another account is taken to exist, a service principal by the form of its name.",
    where: "local-cloud/cloud/aws/policy-document.ts",
  },
  {
    id: "aws-trust-policy-grammar",
    text: "A trust policy may name sts:AssumeRole, its two federated forms, SetContext, SetSourceIdentity, TagSession and wildcards of sts; the words of most grammar refusals are ours.",
    where: "local-cloud/cloud/aws/policy-document.ts",
  },
  {
    id: "aws-unknown-actions-accepted",
    text: "IAM takes an identity policy with an action or a service that does not exist, as long as its form is right.",
    where: "local-cloud/cloud/aws/policy-document.ts",
  },
  {
    id: "aws-metadata-checks",
    text: "IAM takes metadata that was generated rather than downloaded, needs no signature on it, and reads issuer and signing certificates from the IDPSSODescriptor alone.",
    where: "local-cloud/cloud/aws/saml-metadata.ts",
  },
  {
    id: "aws-metadata-keys",
    text: "An eleventh signing certificate in the metadata is refused with LimitExceeded.",
    where: "local-cloud/cloud/aws/saml-metadata.ts",
  },
  {
    id: "aws-valid-until",
    text: "GetSAMLProvider answers the validUntil of the metadata, or a date 100 years after creation where the metadata has none.",
    where: "local-cloud/cloud/aws/saml-providers.ts",
  },
  {
    id: "aws-saml-provider-name",
    text: "Names of SAML providers differ when only their case differs.",
    where: "local-cloud/cloud/aws/saml-providers.ts",
  },
  {
    id: "aws-managed-policy-list",
    text: "The AWS managed policies are those of the commercial partition on the day the list was made; other partitions are held to have the same.",
    where: "local-cloud/cloud/aws/managed-policies/names.json",
  },
  {
    id: "aws-no-propagation",
    text: "A change counts at once for every later request; IAM itself may take seconds.",
    where: "local-cloud/cloud/aws/iam.ts",
  },
  {
    id: "aws-quota-words",
    text: "The quotas are documented; the words of some refusals are ours, their codes are IAM's.",
    where: "local-cloud/cloud/aws/identities.ts",
  },
  {
    id: "aws-inactive-key",
    text: "An inactive access key is answered like one that does not exist: InvalidClientTokenId.",
    where: "local-cloud/cloud/aws/users.ts",
  },
  {
    id: "aws-list-roles-resource",
    text: "iam:ListRoles without a path prefix is authorized on arn:aws:iam::ACCOUNT:role/.",
    where: "local-cloud/cloud/aws/account.ts",
  },
  {
    id: "aws-no-organization",
    text: "No service control policy, resource control policy or session policy limits what an account's own policies allow.",
    where: "local-cloud/cloud/aws/identities.ts",
  },
  {
    id: "aws-policy-name-unique",
    text: "The name of a customer managed policy is taken once per account, in any case and whatever the path.",
    where: "local-cloud/cloud/aws/policies.ts",
  },
  {
    id: "aws-management-account",
    text: "IAM has trusted access in the organization of a management account; there is no delegated administrator. An account is one where its stack turns on features of the organization.",
    where: "local-cloud/cloud/aws/account-settings.ts",
  },
  {
    id: "aws-alias-free",
    text: "A name of an account (alias) or of a bucket that no account here has is free in all of AWS.",
    where: "local-cloud/cloud/aws/account-settings.ts",
  },
  {
    id: "aws-analyzer-findings",
    text: "Access Analyzer has looked at every role by the time it is asked (AWS: within 30 minutes), and has one finding for each role and outside principal, whatever the conditions of the trust policy.",
    where: "local-cloud/cloud/aws/access-analyzer.ts",
  },
  {
    id: "aws-config-key-age",
    text: "ACCESS_KEYS_ROTATED judges a user while the recorder of its region runs, finds a key too old only when more than the days of the rule have passed, and says nothing of a user without an active key.",
    where: "local-cloud/cloud/aws/config.ts",
  },
  {
    id: "aws-config-recorder-there",
    text: "Where a stack adds a rule of AWS Config and no recorder, the region has one that records everything and runs.",
    where: "rehearsal/run/seed.ts",
  },
  {
    id: "aws-config-bucket",
    text: "A bucket of another account is there, and open to AWS Config; whether a key that encrypts a bucket is, is not looked at.",
    where: "local-cloud/cloud/aws/config.ts",
  },
  {
    id: "aws-secret-key",
    text: "A KMS key of a secret that no stack makes is there, enabled, and open to whoever deploys; one in another region than the secret's is refused as a key that cannot encrypt.",
    where: "local-cloud/cloud/aws/secrets.ts",
  },
  {
    id: "aws-secret-versions",
    text: "A version of a secret that has lost its labels can still be read by its id; AWS clears such versions away at a time of its own.",
    where: "local-cloud/cloud/aws/secrets.ts",
  },
  {
    id: "aws-alarm-trail",
    text: "EventBridge gets nothing by way of CloudTrail from an account without a trail that is logging; a stack that makes none lives in an organization whose trail does.",
    where: "local-cloud/cloud/aws/event-delivery.ts",
  },
  {
    id: "aws-saml-sign-in",
    text: "A console sign-in with a SAML assertion names its provider in SamlProviderArn, and no other does: published events have it so, no page of AWS says it.",
    where: "local-cloud/cloud/aws/happenings.ts",
  },
  {
    id: "aws-event-caller",
    text: "What is done in the console without a call names who did it as a call does, and a new role has its trust policy in the event as it was sent.",
    where: "local-cloud/cloud/aws/happenings.ts",
  },
  {
    id: "aws-alarm-words",
    text: "What EventBridge, SNS, KMS, CloudTrail and S3 refuse is documented, with its codes; many of the words are ours.",
    where: "local-cloud/cloud/aws/event-rules.ts",
  },
  {
    id: "aws-bus-own-account",
    text: "The default event bus takes events of its own account from another region where a role may put them, and needs no policy for that; a read-only event that was forwarded needs a rule for all management events there as well.",
    where: "local-cloud/cloud/aws/event-delivery.ts",
  },
  {
    id: "aws-bus-china",
    text: "The event buses of the two regions in China take each other's events: Amazon's page for China describes it, and no announcement names them.",
    where: "local-cloud/cloud/aws/event-delivery.ts",
  },
  {
    id: "aws-global-region",
    text: "What belongs to no region is recorded in us-gov-west-1 in GovCloud and in cn-north-1 in China; no public page says so, and a baseline there has to watch every region.",
    where: "local-cloud/cloud/aws/happenings.ts",
  },
  {
    id: "aws-kms-caller",
    text: "Whoever deploys is let in by the account's own policies: a key policy that does not name the account would shut them out, and is refused.",
    where: "local-cloud/cloud/aws/kms-keys.ts",
  },
  {
    id: "aws-sns-subscribe-again",
    text: "Subscribing an endpoint again gives the subscription that is there, also while nobody has confirmed it, and does not begin its 48 hours anew.",
    where: "local-cloud/cloud/aws/sns-topics.ts",
  },
  {
    id: "aws-input-template",
    text: "A value goes into a quoted part of an input template as text and elsewhere as JSON; a template that is neither JSON nor lines of JSON strings is refused.",
    where: "local-cloud/cloud/aws/input-transformer.ts",
  },
  {
    id: "aws-trail-first-file",
    text: "A trail lays down its first file as soon as it is logging, so its bucket is not empty when both are destroyed.",
    where: "local-cloud/cloud/aws/trails.ts",
  },
  {
    id: "signin-default-reply-url",
    text: "A sign-in from My Apps goes to the reply URL that equals the identifier without its # part, else to the first one listed.",
    where: "rehearsal/signin/chain/entra.ts",
  },
  {
    id: "signin-saml-mode",
    text: "An application whose single sign-on is not SAML sends nobody to AWS.",
    where: "rehearsal/signin/chain/entra.ts",
  },
  {
    id: "signin-strength-code",
    text: "A person whose method the authentication strength does not accept is refused with AADSTS53003; one who shows no second factor with AADSTS50076, whether a method is registered (AADSTS50079 if not) is not modelled.",
    where: "rehearsal/signin/chain/conditional-access.ts",
  },
  {
    id: "signin-control-codes",
    text: "A device that is asked for and not shown is refused with AADSTS53000 or AADSTS53001, another password that is asked for with AADSTS50135, a factor that is too old with AADSTS50078, a session that ended with the browser with AADSTS50058; in a browser Entra asks at once instead of refusing, where the person can answer.",
    where: "rehearsal/signin/chain/controls.ts",
  },
  {
    id: "signin-device-code-client",
    text: "A device code sign-in counts as a mobile app or desktop client, and its session goes on to the AWS application.",
    where: "rehearsal/signin/chain/conditions.ts",
  },
  {
    id: "signin-mfa-trusted-ips",
    text: "The trusted IPs of the old MFA service settings, which AllTrusted includes, are empty.",
    where: "rehearsal/signin/chain/conditions.ts",
  },
  {
    id: "signin-expired-certificate",
    text: "Entra refuses to sign with an expired certificate (AADSTS50146 names an expired key; reports about SAML applications differ). AWS does not look at a certificate's dates.",
    where: "rehearsal/signin/chain/entra.ts",
  },
  {
    id: "signin-no-claims-policy",
    text: "Without a claims mapping policy an application from the gallery sends none of the AWS claims, although the portal shows them filled in.",
    where: "rehearsal/signin/chain/claims.ts",
  },
  {
    id: "signin-guest-name",
    text: "A guest's user principal name is sent as this tenant has it, with #EXT#.",
    where: "rehearsal/signin/chain/claims.ts",
  },
  {
    id: "signin-regex-replace",
    text: "RegexReplace replaces every match, as Regex.Replace of .NET does.",
    where: "rehearsal/signin/chain/dotnet-regex.ts",
  },
  {
    id: "signin-sha1",
    text: "AWS refuses a signature or a digest by SHA-1.",
    where: "rehearsal/signin/chain/saml.ts",
  },
  {
    id: "signin-wrapping",
    text: "AWS takes a response with one assertion only, and believes a signature for the element alone that it stands in.",
    where: "rehearsal/signin/chain/saml.ts",
  },
  {
    id: "signin-recipient",
    text: "AWS refuses a response whose Recipient or Destination is not the endpoint it was posted to, as an invalid response.",
    where: "rehearsal/signin/chain/aws.ts",
  },
  {
    id: "signin-session-keys",
    text: "A session of a SAML provider carries the time of issue, aws:userid as role id and session name, and the keys of its principal; whether it carries keys of a second factor is not known here.",
    where: "rehearsal/signin/chain/session.ts",
  },
  {
    id: "signin-several-roles",
    text: "With several roles in one response each is judged by itself: one that cannot be taken does not spoil the others.",
    where: "rehearsal/signin/chain/aws.ts",
  },
  {
    id: "signin-session-duration",
    text: "AWS refuses a SessionDuration outside 900 to 43200 seconds as an invalid response.",
    where: "rehearsal/signin/chain/aws.ts",
  },
];
