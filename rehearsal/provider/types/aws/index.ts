import type { DataSourceType, ResourceType } from "../../resource-type";
import { accessKey } from "./access-key";
import type { AwsConnection } from "./connection";
import {
  rolePoliciesExclusive,
  rolePolicyAttachmentsExclusive,
  userPoliciesExclusive,
  userPolicyAttachmentsExclusive,
} from "./exclusive";
import { policy } from "./policy";
import { rolePolicyAttachment, userPolicyAttachment } from "./policy-attachments";
import { role } from "./role";
import { rolePolicy } from "./role-policy";
import { samlProvider } from "./saml-provider";
import { user } from "./user";

/** The resource types of hashicorp/aws 6.25.0 that the local cloud models. */
export const resources: Readonly<Record<string, ResourceType<AwsConnection>>> = {
  aws_iam_access_key: accessKey,
  aws_iam_policy: policy,
  aws_iam_role: role,
  aws_iam_role_policies_exclusive: rolePoliciesExclusive,
  aws_iam_role_policy: rolePolicy,
  aws_iam_role_policy_attachment: rolePolicyAttachment,
  aws_iam_role_policy_attachments_exclusive: rolePolicyAttachmentsExclusive,
  aws_iam_saml_provider: samlProvider,
  aws_iam_user: user,
  aws_iam_user_policy_attachment: userPolicyAttachment,
  aws_iam_user_policies_exclusive: userPoliciesExclusive,
  aws_iam_user_policy_attachments_exclusive: userPolicyAttachmentsExclusive,
};

/** No stack asks AWS anything at plan: ARNs are computed. */
export const dataSources: Readonly<Record<string, DataSourceType<AwsConnection>>> = {};
