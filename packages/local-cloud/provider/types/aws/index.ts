import type { DataSourceType, ResourceType } from "../../resource-type";
import { analyzer, archiveRule } from "./access-analyzer";
import { accessKey } from "./access-key";
import { accountAlias } from "./account-alias";
import { accountPasswordPolicy } from "./account-password-policy";
import { accountRegion } from "./account-region";
import { alternateContact } from "./alternate-contact";
import { deliveryChannel } from "./config-delivery-channel";
import { configurationRecorder, configurationRecorderStatus } from "./config-recorder";
import { configRule } from "./config-rule";
import type { AwsConnection } from "./connection";
import { eventRule } from "./event-rule";
import { eventTarget } from "./event-target";
import {
  rolePoliciesExclusive,
  rolePolicyAttachmentsExclusive,
  userPoliciesExclusive,
  userPolicyAttachmentsExclusive,
} from "./exclusive";
import { kmsAlias } from "./kms-alias";
import { kmsKey } from "./kms-key";
import { organizationsFeatures } from "./organizations-features";
import { policy } from "./policy";
import { rolePolicyAttachment, userPolicyAttachment } from "./policy-attachments";
import { role } from "./role";
import { rolePolicy } from "./role-policy";
import { s3Bucket } from "./s3-bucket";
import {
  s3BucketEncryption,
  s3BucketLifecycle,
  s3BucketPolicy,
  s3BucketPublicAccessBlock,
  s3BucketVersioning,
} from "./s3-bucket-settings";
import { samlProvider } from "./saml-provider";
import { secret } from "./secret";
import { secretPolicy } from "./secret-policy";
import { secretVersion } from "./secret-version";
import { serviceLinkedRole } from "./service-linked-role";
import { snsTopic } from "./sns-topic";
import { snsTopicPolicy } from "./sns-topic-policy";
import { snsTopicSubscription } from "./sns-topic-subscription";
import { trail } from "./trail";
import { user } from "./user";

/** The resource types of hashicorp/aws 6.25.0 that the local cloud models. */
export const resources: Readonly<Record<string, ResourceType<AwsConnection>>> = {
  aws_accessanalyzer_analyzer: analyzer,
  aws_accessanalyzer_archive_rule: archiveRule,
  aws_account_alternate_contact: alternateContact,
  aws_account_region: accountRegion,
  aws_cloudtrail: trail,
  aws_cloudwatch_event_rule: eventRule,
  aws_cloudwatch_event_target: eventTarget,
  aws_config_config_rule: configRule,
  aws_config_configuration_recorder: configurationRecorder,
  aws_config_configuration_recorder_status: configurationRecorderStatus,
  aws_config_delivery_channel: deliveryChannel,
  aws_iam_access_key: accessKey,
  aws_iam_account_alias: accountAlias,
  aws_iam_account_password_policy: accountPasswordPolicy,
  aws_iam_organizations_features: organizationsFeatures,
  aws_iam_policy: policy,
  aws_iam_role: role,
  aws_iam_role_policies_exclusive: rolePoliciesExclusive,
  aws_iam_role_policy: rolePolicy,
  aws_iam_role_policy_attachment: rolePolicyAttachment,
  aws_iam_role_policy_attachments_exclusive: rolePolicyAttachmentsExclusive,
  aws_iam_saml_provider: samlProvider,
  aws_iam_service_linked_role: serviceLinkedRole,
  aws_iam_user: user,
  aws_iam_user_policies_exclusive: userPoliciesExclusive,
  aws_iam_user_policy_attachment: userPolicyAttachment,
  aws_iam_user_policy_attachments_exclusive: userPolicyAttachmentsExclusive,
  aws_kms_alias: kmsAlias,
  aws_kms_key: kmsKey,
  aws_s3_bucket: s3Bucket,
  aws_s3_bucket_lifecycle_configuration: s3BucketLifecycle,
  aws_s3_bucket_policy: s3BucketPolicy,
  aws_s3_bucket_public_access_block: s3BucketPublicAccessBlock,
  aws_s3_bucket_server_side_encryption_configuration: s3BucketEncryption,
  aws_s3_bucket_versioning: s3BucketVersioning,
  aws_secretsmanager_secret: secret,
  aws_secretsmanager_secret_policy: secretPolicy,
  aws_secretsmanager_secret_version: secretVersion,
  aws_sns_topic: snsTopic,
  aws_sns_topic_policy: snsTopicPolicy,
  aws_sns_topic_subscription: snsTopicSubscription,
};

/** No stack asks AWS anything at plan: ARNs are computed. */
export const dataSources: Readonly<Record<string, DataSourceType<AwsConnection>>> = {};
