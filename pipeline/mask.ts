import { canonical, compare, isObject, type Json } from "./json";

/**
 * What a pull request may show, by resource type: these attributes and nothing else. A new attribute, or a new type, is hidden until somebody
 * writes it here. Names, who is assigned to what, and the rules of trust: what a reviewer of access must see.
 * A whole attribute is allowed, with all that is nested in it, less what the plan itself marks as sensitive. A test holds this list against the
 * provider schemas: every name exists, and no sensitive attribute is in it or below it.
 */
export const SHOWN: Readonly<Record<string, readonly string[]>> = {
  aws_accessanalyzer_analyzer: ["analyzer_name", "type", "region"],
  aws_accessanalyzer_archive_rule: ["analyzer_name", "rule_name", "filter", "region"],
  aws_account_alternate_contact: ["alternate_contact_type", "name", "title", "email_address"],
  aws_account_region: ["account_id", "region_name", "enabled"],
  aws_cloudtrail: [
    "name",
    "enable_logging",
    "enable_log_file_validation",
    "include_global_service_events",
    "is_multi_region_trail",
    "is_organization_trail",
    "kms_key_id",
    "s3_bucket_name",
    "s3_key_prefix",
    "event_selector",
    "advanced_event_selector",
    "region",
  ],
  aws_cloudwatch_event_rule: [
    "name",
    "event_bus_name",
    "event_pattern",
    "schedule_expression",
    "state",
    "is_enabled",
    "region",
  ],
  aws_cloudwatch_event_target: [
    "rule",
    "event_bus_name",
    "arn",
    "role_arn",
    "input_transformer",
    "dead_letter_config",
    "region",
  ],
  aws_config_config_rule: ["name", "source", "scope", "input_parameters", "maximum_execution_frequency", "region"],
  aws_config_configuration_recorder: ["name", "role_arn", "recording_group", "recording_mode", "region"],
  aws_config_configuration_recorder_status: ["name", "is_enabled", "region"],
  aws_config_delivery_channel: ["name", "s3_bucket_name", "s3_key_prefix", "s3_kms_key_arn", "sns_topic_arn", "region"],
  aws_iam_access_key: ["user", "status"],
  aws_iam_account_alias: ["account_alias"],
  aws_iam_account_password_policy: [
    "allow_users_to_change_password",
    "hard_expiry",
    "max_password_age",
    "minimum_password_length",
    "password_reuse_prevention",
    "require_lowercase_characters",
    "require_numbers",
    "require_symbols",
    "require_uppercase_characters",
  ],
  aws_iam_organizations_features: ["enabled_features"],
  aws_iam_policy: ["name", "name_prefix", "path", "policy"],
  aws_iam_role: [
    "name",
    "name_prefix",
    "path",
    "assume_role_policy",
    "inline_policy",
    "managed_policy_arns",
    "max_session_duration",
    "permissions_boundary",
  ],
  aws_iam_role_policies_exclusive: ["role_name", "policy_names"],
  aws_iam_role_policy: ["name", "name_prefix", "policy", "role"],
  aws_iam_role_policy_attachment: ["policy_arn", "role"],
  aws_iam_role_policy_attachments_exclusive: ["role_name", "policy_arns"],
  aws_iam_saml_provider: ["name"],
  aws_iam_service_linked_role: ["aws_service_name", "custom_suffix"],
  aws_iam_user: ["name", "path", "permissions_boundary"],
  aws_iam_user_policies_exclusive: ["user_name", "policy_names"],
  aws_iam_user_policy_attachment: ["policy_arn", "user"],
  aws_iam_user_policy_attachments_exclusive: ["user_name", "policy_arns"],
  aws_kms_alias: ["name", "target_key_id", "region"],
  aws_kms_key: [
    "description",
    "policy",
    "deletion_window_in_days",
    "enable_key_rotation",
    "is_enabled",
    "multi_region",
    "region",
  ],
  aws_s3_bucket: ["bucket", "bucket_prefix", "force_destroy", "object_lock_enabled", "region"],
  aws_s3_bucket_lifecycle_configuration: ["bucket", "rule", "region"],
  aws_s3_bucket_policy: ["bucket", "policy", "region"],
  aws_s3_bucket_public_access_block: [
    "bucket",
    "block_public_acls",
    "block_public_policy",
    "ignore_public_acls",
    "restrict_public_buckets",
    "region",
  ],
  aws_s3_bucket_server_side_encryption_configuration: ["bucket", "rule", "region"],
  aws_s3_bucket_versioning: ["bucket", "versioning_configuration", "region"],
  aws_secretsmanager_secret: ["name", "name_prefix", "kms_key_id", "policy", "recovery_window_in_days", "region"],
  aws_secretsmanager_secret_policy: ["secret_arn", "policy", "block_public_policy", "region"],
  aws_secretsmanager_secret_version: ["secret_id", "version_stages", "region"],
  aws_sns_topic: ["name", "kms_master_key_id", "policy", "region"],
  aws_sns_topic_policy: ["arn", "policy", "region"],
  // Not its endpoint: the address of a webhook can be all that is needed to write to it.
  aws_sns_topic_subscription: ["topic_arn", "protocol", "filter_policy", "pending_confirmation", "region"],
  azuread_app_role_assignment: [
    "app_role_id",
    "principal_display_name",
    "principal_object_id",
    "principal_type",
    "resource_display_name",
  ],
  azuread_application: [
    "display_name",
    "identifier_uris",
    "owners",
    "app_role",
    "web",
    "feature_tags",
    "template_id",
    "sign_in_audience",
  ],
  azuread_application_identifier_uri: ["identifier_uri"],
  azuread_claims_mapping_policy: ["display_name", "definition"],
  azuread_conditional_access_policy: ["display_name", "state", "conditions", "grant_controls", "session_controls"],
  azuread_group: [
    "display_name",
    "owners",
    "members",
    "dynamic_membership",
    "security_enabled",
    "assignable_to_role",
    "administrative_unit_ids",
    "visibility",
  ],
  azuread_group_member: ["group_object_id", "member_object_id"],
  azuread_authentication_strength_policy: ["display_name", "allowed_combinations"],
  azuread_named_location: ["display_name", "ip", "country"],
  azuread_group_role_management_policy: [
    "group_id",
    "role_id",
    "activation_rules",
    "active_assignment_rules",
    "eligible_assignment_rules",
  ],
  azuread_privileged_access_group_eligibility_schedule: [
    "group_id",
    "principal_id",
    "assignment_type",
    "duration",
    "start_date",
    "expiration_date",
    "permanent_assignment",
  ],
  azuread_service_principal: [
    "display_name",
    "account_enabled",
    "app_role_assignment_required",
    "owners",
    "preferred_single_sign_on_mode",
    "saml_single_sign_on",
    "feature_tags",
    "notification_email_addresses",
  ],
  azuread_service_principal_claims_mapping_policy_assignment: ["claims_mapping_policy_id", "service_principal_id"],
  azuread_service_principal_token_signing_certificate: ["display_name", "start_date", "end_date", "thumbprint"],
  azuread_synchronization_job: ["template_id", "enabled", "schedule"],
  azuread_synchronization_secret: [],
  azuread_user: ["user_principal_name", "display_name", "account_enabled"],
  msgraph_update_resource: ["url", "update_method"],
};

/**
 * Of an attribute that could hold anything, the members that may be shown: which certificate is active, and the security attributes that say
 * under which policies an application is.
 */
export const SHOWN_MEMBERS: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  msgraph_update_resource: { body: ["customSecurityAttributes", "preferredTokenSigningKeyThumbprint"] },
};

/** The outputs whose value may be shown: the roles that wait for their import (names of roles, ARNs). Of all others the name is shown. */
export const SHOWN_OUTPUTS: readonly string[] = ["pending_roles"];

export const SENSITIVE = "(sensitive)";
export const CHANGED = "(changed)";
export const UNKNOWN = "(known after apply)";

/** A value that is not shown. It can still be told apart from another one, and no serializer sees what it hides. */
export class Hidden {
  readonly #value: string;

  constructor(
    readonly label: string,
    value: Json,
  ) {
    this.#value = canonical(value);
  }

  equals(other: Hidden): boolean {
    return this.label === other.label && this.#value === other.#value;
  }

  toJSON(): string {
    return this.label;
  }
}

export type Masked = Hidden | null | boolean | number | string | Masked[] | { [key: string]: Masked };

/** The value with everything hidden that is sensitive or unknown. JSON in a string (policies) is decoded, so that a change shows by statement. */
export function mask(value: Json | undefined, sensitive: Json | undefined, unknown: Json | undefined): Masked {
  if (sensitive === true) return new Hidden(SENSITIVE, value ?? null);
  if (unknown === true) return new Hidden(UNKNOWN, null);
  if (Array.isArray(value) || (value === undefined && Array.isArray(unknown))) {
    // Marks that do not have the value's shape cover all of it.
    if (!Array.isArray(sensitive) && holdsTrue(sensitive)) return new Hidden(SENSITIVE, value ?? null);
    const length = Math.max(value?.length ?? 0, Array.isArray(unknown) ? unknown.length : 0);
    return Array.from({ length }, (_, index) => mask(value?.[index], at(sensitive, index), at(unknown, index)));
  }
  if (isObject(value) || (value === undefined && isObject(unknown))) {
    if (!isObject(sensitive) && holdsTrue(sensitive)) return new Hidden(SENSITIVE, value ?? null);
    const keys = new Set([...Object.keys(value ?? {}), ...(isObject(unknown) ? Object.keys(unknown) : [])]);
    return Object.fromEntries(
      [...keys].sort(compare).map((key) => [key, mask(value?.[key], at(sensitive, key), at(unknown, key))]),
    );
  }
  if (holdsTrue(sensitive)) return new Hidden(SENSITIVE, value ?? null);
  const decoded = typeof value === "string" ? decode(value) : undefined;
  return decoded === undefined ? (value ?? null) : mask(decoded, undefined, undefined);
}

export function same(a: Masked, b: Masked): boolean {
  if (a instanceof Hidden || b instanceof Hidden) return a instanceof Hidden && b instanceof Hidden && a.equals(b);
  if (Array.isArray(a) || Array.isArray(b)) {
    return (
      Array.isArray(a) &&
      Array.isArray(b) &&
      a.length === b.length &&
      a.every((item, index) => same(item, b[index] ?? null))
    );
  }
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return a === b;
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...keys].every((key) => same(a[key] ?? null, b[key] ?? null));
}

/** Whether anything at or below a mark is marked. */
export function holdsTrue(mark: Json | undefined): boolean {
  if (Array.isArray(mark)) return mark.some(holdsTrue);
  return isObject(mark) ? Object.values(mark).some(holdsTrue) : mark === true;
}

/** The mark of a member. `true` covers everything below it. */
export function at(mark: Json | undefined, key: string | number): Json | undefined {
  if (mark === true) return true;
  if (Array.isArray(mark)) return typeof key === "number" ? mark[key] : undefined;
  return isObject(mark) ? mark[key] : undefined;
}

function decode(text: string): Json | undefined {
  if (!/^\s*[{[]/.test(text)) return undefined;
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}
