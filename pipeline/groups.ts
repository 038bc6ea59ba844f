import { isObject, type Json } from "./json";
import { type ResourceChange, verb } from "./plan";

/** What a change means for whoever reads a plan, the gravest first. */
export const GROUPS = [
  "Gains access",
  "Loses access",
  "Changes who may enter, or how",
  "Changes what is recorded, and who hears of it",
  "Other changes",
] as const;
export type Group = (typeof GROUPS)[number];

/** Objects that let somebody in by being there: making one gives access, destroying one takes it away. */
const GRANTS = new Set([
  "aws_iam_access_key",
  "aws_iam_role",
  "aws_iam_role_policy",
  "aws_iam_role_policy_attachment",
  "aws_iam_saml_provider",
  "aws_iam_user",
  "aws_iam_user_policy",
  "aws_iam_user_policy_attachment",
  "azuread_app_role_assignment",
  "azuread_group_member",
  "azuread_privileged_access_group_eligibility_schedule",
  "azuread_service_principal_token_signing_certificate",
  "azuread_user",
]);

/** Objects that say who may enter: any change needs reading, and destroying one may open the door (a Conditional Access policy). */
const RULES = new Set([
  "aws_account_region",
  "aws_iam_account_password_policy",
  "aws_iam_organizations_features",
  // By itself it gives nobody anything: who gains or loses by it is told by its attachments.
  "aws_iam_policy",
  "aws_iam_role_policies_exclusive",
  "aws_iam_role_policy_attachments_exclusive",
  "aws_iam_service_linked_role",
  "aws_iam_user_policies_exclusive",
  "aws_iam_user_policy_attachments_exclusive",
  "aws_secretsmanager_secret",
  "aws_secretsmanager_secret_policy",
  "azuread_application",
  "azuread_application_identifier_uri",
  "azuread_authentication_strength_policy",
  "azuread_claims_mapping_policy",
  "azuread_conditional_access_policy",
  "azuread_group",
  "azuread_group_role_management_policy",
  "azuread_named_location",
  "azuread_service_principal",
  "azuread_service_principal_claims_mapping_policy_assignment",
  "msgraph_update_resource",
]);

/** Objects by which somebody learns what happened: without one of them an alarm is silent, or a record is gone. */
const WATCH = new Set([
  "aws_accessanalyzer_analyzer",
  "aws_accessanalyzer_archive_rule",
  "aws_account_alternate_contact",
  "aws_cloudtrail",
  "aws_cloudwatch_event_rule",
  "aws_cloudwatch_event_target",
  "aws_config_config_rule",
  "aws_config_configuration_recorder",
  "aws_config_configuration_recorder_status",
  "aws_config_delivery_channel",
  "aws_kms_alias",
  "aws_kms_key",
  "aws_s3_bucket",
  "aws_s3_bucket_lifecycle_configuration",
  "aws_s3_bucket_policy",
  "aws_s3_bucket_public_access_block",
  "aws_s3_bucket_server_side_encryption_configuration",
  "aws_s3_bucket_versioning",
  "aws_sns_topic",
  "aws_sns_topic_policy",
  "aws_sns_topic_subscription",
]);

/** @param attached the document of the policy that an attachment is about, where the plan has it */
export function groupOf({ type, change }: ResourceChange, attached: string | undefined): Group {
  const action = verb(change.actions);
  // Without its rules whoever is in the group, or is put there, is a member for good.
  if (type === "azuread_group_role_management_policy" && action === "destroy") return "Gains access";
  if (RULES.has(type)) return "Changes who may enter, or how";
  if (WATCH.has(type)) return "Changes what is recorded, and who hears of it";
  if (!GRANTS.has(type)) return "Other changes";
  // A forgotten object lives on, so nobody loses anything by it; a move or an import changes nothing either.
  if (action === "none" || action === "forget" || action === "read") return "Other changes";
  if (action !== "create" && action !== "destroy") return "Changes who may enter, or how";
  const values = action === "create" ? change.after : change.before;
  const effect = type.endsWith("_policy_attachment") ? effectOfAttachment(values, attached) : effectOf(values);
  if (effect === "unknown") return "Changes who may enter, or how";
  return (effect === "allows") === (action === "create") ? "Gains access" : "Loses access";
}

/** A policy without a statement that allows takes access away by being there, and so does its attachment. */
type Effect = "allows" | "denies" | "unknown";

const effectOf = (values: Json | undefined): Effect =>
  onlyDenies(isObject(values) ? values["policy"] : undefined) ? "denies" : "allows";

function effectOfAttachment(values: Json | undefined, attached: string | undefined): Effect {
  if (attached !== undefined) return onlyDenies(attached) ? "denies" : "allows";
  const arn = isObject(values) ? values["policy_arn"] : undefined;
  if (typeof arn !== "string" || !arn.includes(":iam::aws:policy/")) return "unknown";
  // AWS's own allow, but for these: https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html
  return /\/AWS(DenyAll|CompromisedKeyQuarantine\w*)$/.test(arn) ? "denies" : "allows";
}

function onlyDenies(policy: Json | undefined): boolean {
  if (typeof policy !== "string") return false;
  const statements = [statementsOf(policy)].flat();
  return (
    statements.length > 0 && statements.every((statement) => isObject(statement) && statement["Effect"] === "Deny")
  );
}

function statementsOf(policy: string): Json {
  try {
    const document = JSON.parse(policy) as Json;
    return (isObject(document) ? document["Statement"] : undefined) ?? [];
  } catch {
    return [];
  }
}
