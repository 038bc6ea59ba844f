import type { Cloud } from "../../local-cloud/cloud/cloud";
import type { TenantState } from "../../local-cloud/cloud/entra/state";
import { ids } from "../../local-cloud/provider/types/azuread/ids";
import type { PlannedChange } from "../run/plan";

/** How an object that was made, but whose answer was lost, comes back under Terraform. */
export type Repair =
  | {
      /** `terraform import <address> <id>` */
      readonly kind: "import";
      readonly id: string;
    }
  | {
      /** It cannot be imported usefully; a person deletes it with this command, and the next deploy makes another. */
      readonly kind: "delete";
      readonly command: string;
      readonly work: () => Promise<unknown>;
    };

/** Values of a planned object; what is known only after apply is in words, and matches nothing. */
type After = Readonly<Record<string, unknown>>;

interface Place {
  readonly cloud: Cloud;
  readonly tenant: TenantState;
  readonly accountId: string;
}

const text = (value: unknown): string => (typeof value === "string" ? value : "");
const imported = (id: string | undefined): Repair | undefined =>
  id === undefined ? undefined : { kind: "import", id };
const byName = <T extends { displayName: string }>(
  objects: Readonly<Record<string, T>>,
  name: unknown,
): T | undefined => Object.values(objects).find(({ displayName }) => displayName === name);
const last = (id: unknown): string => text(id).split("/").at(-1) ?? "";

/**
 * For each type whose creation makes a new object: is the planned one there already? Types that are missing set something that
 * setting again does not double (attachments, secrets and their values, settings of an account but its alias, adoption of the service principal,
 * activation).
 */
const FIND: Readonly<Record<string, (place: Place, after: After) => Repair | undefined>> = {
  aws_iam_saml_provider: ({ cloud, accountId }, { name }) =>
    imported(
      cloud
        .account(accountId)
        .samlProviders.list()
        .find(({ arn }) => arn.endsWith(`:saml-provider/${name}`))?.arn,
    ),
  aws_iam_role: ({ cloud, accountId }, { name }) => imported(cloud.account(accountId).roles.find(text(name))?.name),
  aws_iam_policy: ({ cloud, accountId }, { name }) =>
    imported(
      cloud
        .account(accountId)
        .policies.list()
        .find(({ arn }) => arn.endsWith(`/${name}`))?.arn,
    ),
  aws_iam_user: ({ cloud, accountId }, { name }) => imported(cloud.account(accountId).users.find(text(name))?.name),
  aws_iam_service_linked_role: ({ cloud, accountId }, { aws_service_name }) =>
    imported(
      cloud
        .account(accountId)
        .roles.list()
        .find(({ path }) => path === `/aws-service-role/${aws_service_name}/`)?.arn,
    ),
  aws_accessanalyzer_analyzer: ({ cloud, accountId }, { region, analyzer_name }) => {
    const found = cloud.account(accountId).accessAnalyzer.find(text(region), text(analyzer_name));
    return imported(found && `${found.name}@${found.region}`);
  },
  aws_accessanalyzer_archive_rule: ({ cloud, accountId }, { region, analyzer_name, rule_name }) => {
    const found = cloud.account(accountId).accessAnalyzer.find(text(region), text(analyzer_name));
    return found?.archiveRules[text(rule_name)] && imported(`${found.name}/${rule_name}@${found.region}`);
  },
  aws_secretsmanager_secret: ({ cloud, accountId }, { region, name }) =>
    imported(cloud.account(accountId).secrets.named(text(region), text(name))?.arn),
  // The secret of an access key is told once, to whoever made it: one whose answer was lost is of no use to anybody.
  aws_iam_access_key: ({ cloud, accountId }, { user }) => {
    const { users } = cloud.account(accountId);
    const lost = users.find(text(user))?.accessKeys.at(-1)?.accessKeyId;
    if (lost === undefined) return undefined;
    return {
      kind: "delete",
      command: `aws iam delete-access-key --user-name ${user} --access-key-id ${lost}`,
      work: () => users.deleteAccessKey(text(user), lost),
    };
  },
  aws_iam_account_alias: ({ cloud, accountId }, { account_alias }) =>
    cloud.account(accountId).settings.alias === account_alias ? imported(text(account_alias)) : undefined,
  // PutRule, PutTargets, CreateTopic and Subscribe give what is there already, and CreateBucket does in us-east-1; these do not.
  aws_kms_key: ({ cloud, accountId }, { description, region }) => {
    const lost = cloud
      .account(accountId)
      .keys.list()
      .find((key) => key.description === description && key.region === region);
    return imported(lost && `${lost.keyId}@${lost.region}`);
  },
  aws_kms_alias: ({ cloud, accountId }, { name, region }) =>
    imported(cloud.account(accountId).keys.findAlias(text(region), text(name)) && `${name}@${region}`),
  aws_cloudtrail: ({ cloud, accountId }, { name, region }) =>
    imported(
      cloud
        .account(accountId)
        .trails.list()
        .find((trail) => trail.name === name && trail.homeRegion === region)?.arn,
    ),
  aws_s3_bucket: ({ cloud, accountId }, { bucket, region }) =>
    imported(cloud.account(accountId).buckets.find(text(bucket)) && `${bucket}@${region}`),
  azuread_application: ({ tenant }, { display_name }) => {
    const named = byName(tenant.applications, display_name);
    // Made from the gallery, and not yet given its name.
    const half = Object.values(tenant.applications).find(({ displayName }) =>
      displayName.startsWith("TERRAFORM_INSTANTIATE_"),
    );
    const found = named ?? half;
    return imported(found && ids.application.of(found.id));
  },
  azuread_application_identifier_uri: ({ tenant }, { application_id, identifier_uri }) => {
    const there = tenant.applications[last(application_id)]?.identifierUris.includes(text(identifier_uri));
    return there
      ? imported(ids.identifierUri.of(last(application_id), Buffer.from(text(identifier_uri)).toString("base64")))
      : undefined;
  },
  azuread_service_principal_token_signing_certificate: ({ tenant }, { service_principal_id, display_name }) => {
    const principal = tenant.servicePrincipals[last(service_principal_id)];
    const key = principal?.keyCredentials.find((one) => one.usage === "Verify" && one.displayName === display_name);
    return imported(principal && key && ids.signingCertificate.of(principal.id, key.keyId));
  },
  azuread_claims_mapping_policy: ({ tenant }, { display_name }) => {
    const found = byName(tenant.claimsMappingPolicies, display_name);
    return imported(found && ids.claimsMappingPolicy.of(found.id));
  },
  azuread_service_principal_claims_mapping_policy_assignment: ({ tenant }, after) => {
    const principal = tenant.servicePrincipals[last(after.service_principal_id)];
    const policy = last(after.claims_mapping_policy_id);
    return principal?.claimsMappingPolicyIds.includes(policy)
      ? imported(ids.claimsMappingPolicyAssignment.of(principal.id, policy))
      : undefined;
  },
  azuread_group: ({ tenant }, { display_name }) => {
    const found = byName(tenant.groups, display_name);
    return imported(found && ids.group.of(found.id));
  },
  azuread_group_member: ({ tenant }, { group_object_id, member_object_id }) => {
    const there = tenant.groups[text(group_object_id)]?.members.includes(text(member_object_id));
    return there ? imported(ids.groupMember.of(text(group_object_id), text(member_object_id))) : undefined;
  },
  azuread_privileged_access_group_eligibility_schedule: ({ tenant }, { group_id, principal_id }) =>
    imported(
      Object.values(tenant.eligibilitySchedules).find(
        ({ groupId, principalId }) => groupId === group_id && principalId === principal_id,
      )?.id,
    ),
  azuread_user: ({ tenant }, { user_principal_name }) => {
    const found = Object.values(tenant.users).find(
      ({ userPrincipalName }) => userPrincipalName === user_principal_name,
    );
    return imported(found && ids.user.of(found.id));
  },
  azuread_conditional_access_policy: ({ tenant }, { display_name }) => {
    const found = byName(tenant.conditionalAccessPolicies, display_name);
    return imported(found && ids.conditionalAccessPolicy.of(found.id));
  },
  azuread_named_location: ({ tenant }, { display_name }) => {
    const found = byName(tenant.namedLocations, display_name);
    return imported(found && ids.namedLocation.of(found.id));
  },
  azuread_authentication_strength_policy: ({ tenant }, { display_name }) => {
    const found = byName(tenant.authenticationStrengths, display_name);
    return imported(found && ids.authenticationStrength.of(found.id));
  },
  azuread_app_role_assignment: ({ tenant }, after) => {
    const found = Object.values(tenant.appRoleAssignments).find(
      ({ appRoleId, principalId, resourceId }) =>
        appRoleId === after.app_role_id &&
        principalId === after.principal_object_id &&
        resourceId === after.resource_object_id,
    );
    return imported(found && ids.appRoleAssignment.of(found.resourceId, found.id));
  },
  azuread_synchronization_job: ({ tenant }, { service_principal_id }) => {
    const principal = last(service_principal_id);
    const job = tenant.synchronization[principal]?.jobs.at(-1);
    return imported(job && ids.synchronizationJob.of(principal, job.id));
  },
};

/** The orphans among what a plan is about to create: objects that are there, though no state knows them. */
export function orphans(place: Place, changes: readonly PlannedChange[]): { address: string; repair: Repair }[] {
  return changes
    .filter(({ actions }) => actions.join() === "create")
    .flatMap(({ address, after }) => {
      const repair = FIND[address.split(".")[0] ?? ""]?.(place, (after ?? {}) as After);
      return repair ? [{ address, repair }] : [];
    });
}
