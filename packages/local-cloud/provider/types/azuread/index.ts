import type { Tenant } from "../../../cloud/entra/tenant";
import type { DataSourceType, ResourceType } from "../../resource-type";
import { appRoleAssignment } from "./app-role-assignment";
import { application } from "./application";
import { applicationIdentifierUri } from "./application-identifier-uri";
import { authenticationStrengthPolicy } from "./authentication-strength-policy";
import { claimsMappingPolicy, claimsMappingPolicyAssignment } from "./claims-mapping-policy";
import { conditionalAccessPolicy } from "./conditional-access-policy";
import { group, groupMember } from "./group";
import { groupRoleManagementPolicy } from "./group-role-management-policy";
import { namedLocation } from "./named-location";
import { eligibilitySchedule } from "./privileged-access-group-eligibility-schedule";
import { servicePrincipal, servicePrincipalData, servicePrincipalsData } from "./service-principal";
import { synchronizationJob, synchronizationSecret } from "./synchronization";
import { tokenSigningCertificate } from "./token-signing-certificate";
import { user, usersData } from "./user";

/** The resource types of hashicorp/azuread 3.9.0 that the local cloud knows; each names the source file whose behaviour it follows. */
export const resources: Readonly<Record<string, ResourceType<Tenant>>> = {
  azuread_app_role_assignment: appRoleAssignment,
  azuread_application: application,
  azuread_application_identifier_uri: applicationIdentifierUri,
  azuread_authentication_strength_policy: authenticationStrengthPolicy,
  azuread_claims_mapping_policy: claimsMappingPolicy,
  azuread_conditional_access_policy: conditionalAccessPolicy,
  azuread_group: group,
  azuread_group_member: groupMember,
  azuread_named_location: namedLocation,
  azuread_group_role_management_policy: groupRoleManagementPolicy,
  azuread_privileged_access_group_eligibility_schedule: eligibilitySchedule,
  azuread_service_principal: servicePrincipal,
  azuread_service_principal_claims_mapping_policy_assignment: claimsMappingPolicyAssignment,
  azuread_service_principal_token_signing_certificate: tokenSigningCertificate,
  azuread_synchronization_job: synchronizationJob,
  azuread_synchronization_secret: synchronizationSecret,
  azuread_user: user,
};

export const dataSources: Readonly<Record<string, DataSourceType<Tenant>>> = {
  azuread_service_principal: servicePrincipalData,
  azuread_service_principals: servicePrincipalsData,
  azuread_users: usersData,
};
