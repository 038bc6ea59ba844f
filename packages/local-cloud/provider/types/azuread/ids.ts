/** The form of a Terraform id of azuread, such as `/applications/{}/identifierUris/{}`. */
export class IdForm {
  private readonly pattern: RegExp;

  constructor(private readonly form: string) {
    this.pattern = new RegExp(`^${form.replaceAll("{}", "([^/]+)")}$`);
  }

  of(...parts: string[]): string {
    return parts.reduce((id, part) => id.replace("{}", () => part), this.form);
  }

  /** The parts between the fixed words; an id of another form is an error, as in the real provider. */
  parts(id: unknown): string[] {
    const match = typeof id === "string" ? this.pattern.exec(id) : null;
    if (!match) throw new Error(`parsing ${JSON.stringify(id)}: expected an id of the form ${this.form}`);
    return match.slice(1);
  }

  /** The last part: mostly the object id. */
  last(id: unknown): string {
    return this.parts(id).at(-1) ?? "";
  }

  /** For `import`: the id alone, from which `read` finds the rest. */
  readonly import = (_: unknown, id: string): { id: string } => {
    this.parts(id);
    return { id };
  };
}

/** https://github.com/hashicorp/terraform-provider-azuread/tree/v3.9.0: `ID()` of the resource ids, and the parse packages of the services. */
export const ids = {
  application: new IdForm("/applications/{}"),
  identifierUri: new IdForm("/applications/{}/identifierUris/{}"),
  servicePrincipal: new IdForm("/servicePrincipals/{}"),
  appRoleAssignment: new IdForm("/servicePrincipals/{}/appRoleAssignedTo/{}"),
  signingCertificate: new IdForm("{}/tokenSigningCertificate/{}"),
  claimsMappingPolicy: new IdForm("/policies/claimsMappingPolicies/{}"),
  claimsMappingPolicyAssignment: new IdForm("/servicePrincipals/{}/claimsMappingPolicies/{}"),
  synchronizationJob: new IdForm("/servicePrincipals/{}/synchronization/jobs/{}"),
  group: new IdForm("/groups/{}"),
  groupMember: new IdForm("{}/member/{}"),
  /** Not a path: `<group id>_member_<GUID>` and `Group_<group id>_<GUID>` (the parse packages of identitygovernance and policies). */
  eligibilitySchedule: new IdForm("{}_{}_{}"),
  roleManagementPolicy: new IdForm("Group_{}_{}"),
  user: new IdForm("/users/{}"),
  conditionalAccessPolicy: new IdForm("/identity/conditionalAccess/policies/{}"),
  namedLocation: new IdForm("/identity/conditionalAccess/namedLocations/{}"),
  authenticationStrength: new IdForm("/policies/authenticationStrengthPolicies/{}"),
} as const;
