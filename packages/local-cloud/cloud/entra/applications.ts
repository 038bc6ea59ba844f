import { randomUUID } from "node:crypto";
import { checkAppRoles } from "./app-roles";
import { badRequest, copy, type Directory } from "./directory";
import type { Application, ServicePrincipal } from "./state";

/** What POST and PATCH /applications take. */
export type ApplicationBody = Partial<Omit<Application, "id" | "appId" | "applicationTemplateId" | "owners">>;

/** Application registrations: https://learn.microsoft.com/graph/api/resources/application */
export class Applications {
  constructor(private readonly directory: Directory) {}

  get(id: string): Application {
    return copy(this.directory.application(id));
  }

  list(): Application[] {
    return copy(Object.values(this.directory.state.applications));
  }

  byDisplayName(name: string): Application[] {
    return this.list().filter((application) => application.displayName === name);
  }

  create(body: ApplicationBody & { displayName: string; owners?: string[] }): Promise<Application> {
    return this.directory.request("POST /applications", `application ${body.displayName}`, () => {
      for (const owner of body.owners ?? []) this.directory.principal(owner);
      const application = emptyApplication(body.displayName);
      this.check(application, body);
      Object.assign(application, copy(body));
      this.directory.state.applications[application.id] = application;
      return copy(application);
    });
  }

  update(id: string, body: ApplicationBody): Promise<void> {
    return this.directory.request("PATCH /applications/{id}", this.named(id), () => {
      const application = this.directory.application(id);
      this.check(application, body);
      Object.assign(application, copy(body));
      if (body.appRoles) this.dropAssignmentsOfRemovedRoles(application);
    });
  }

  /** The service principal in this tenant goes with it: https://learn.microsoft.com/entra/identity-platform/app-objects-and-service-principals */
  delete(id: string): Promise<void> {
    return this.directory.request("DELETE /applications/{id}", this.named(id), () => {
      const application = this.directory.application(id);
      const principal = this.directory.servicePrincipalOf(application.appId);
      refuseGalleryAppDeletion(this.directory, principal, application);
      delete this.directory.state.applications[id];
      this.directory.softDelete("application", id, application.displayName);
      if (principal) removeServicePrincipal(this.directory, principal, application.displayName);
    });
  }

  addOwner(id: string, ownerId: string): Promise<void> {
    return this.directory.request("POST /applications/{id}/owners/$ref", this.named(id), () =>
      this.directory.addOwner(this.directory.application(id), ownerId),
    );
  }

  removeOwner(id: string, ownerId: string): Promise<void> {
    return this.directory.request("DELETE /applications/{id}/owners/{id}/$ref", this.named(id), () =>
      this.directory.removeOwner(this.directory.application(id), ownerId),
    );
  }

  // Assumption entra-reply-url-fragment, never checked: A reply URL with a # part is refused.
  private check(application: Application, body: ApplicationBody): void {
    if (body.appRoles) checkAppRoles(application.appRoles, body.appRoles);
    for (const uri of body.identifierUris ?? []) {
      if (!application.identifierUris.includes(uri)) this.checkIdentifier(application, uri);
    }
    for (const uri of body.web?.redirectUris ?? []) {
      // https://learn.microsoft.com/entra/identity-platform/reply-url
      if (uri.length > 256) throw badRequest(`Reply URL is longer than 256 characters: '${uri}'.`);
      if (uri.includes("#")) throw badRequest(`Reply URL must not have a fragment: '${uri}'.`);
    }
  }

  // Assumption entra-identifier-free-after-delete, never checked: The identifier of an application that was deleted (not yet purged) may be
  // used again.
  private checkIdentifier(application: Application, uri: string): void {
    const holder = this.list().find((other) => other.id !== application.id && other.identifierUris.includes(uri));
    if (holder) {
      throw badRequest(
        "Another object with the same value for property identifierUris already exists.",
        "Request_MultipleObjectsWithSameKeyValue",
      );
    }
    const samlMode = this.directory.servicePrincipalOf(application.appId)?.preferredSingleSignOnMode === "saml";
    // https://learn.microsoft.com/entra/identity-platform/identifier-uri-restrictions; the exception for SAML: terraform-provider-azuread#797
    if (!samlMode && !isOfVerifiedDomain(this.directory, uri)) {
      throw badRequest(
        `Values of identifierUris property must use a verified domain of the organization or its subdomain: '${uri}'`,
        "HostNameNotOnVerifiedDomain",
      );
    }
  }

  // Assumption entra-removed-role-assignments, never checked: When an app role is removed, its assignments go with it.
  private dropAssignmentsOfRemovedRoles(application: Application): void {
    const principal = this.directory.servicePrincipalOf(application.appId);
    if (!principal) return;
    const offered = new Set([...application.appRoles, ...principal.importedAppRoles].map((role) => role.id));
    this.directory.dropAssignments(
      ({ resourceId, appRoleId }) => resourceId === principal.id && !offered.has(appRoleId),
    );
  }

  private named(id: string): string {
    return `application ${this.directory.state.applications[id]?.displayName ?? id}`;
  }
}

/** An application with nothing set but its name. */
export function emptyApplication(displayName: string): Application {
  return {
    id: randomUUID(),
    appId: randomUUID(),
    displayName,
    description: null,
    notes: null,
    applicationTemplateId: null,
    identifierUris: [],
    appRoles: [],
    web: {
      homePageUrl: null,
      logoutUrl: null,
      redirectUris: [],
      implicitGrantSettings: { enableAccessTokenIssuance: false, enableIdTokenIssuance: false },
    },
    api: { acceptMappedClaims: false, requestedAccessTokenVersion: 1 },
    info: { marketingUrl: null, privacyStatementUrl: null, supportUrl: null, termsOfServiceUrl: null },
    groupMembershipClaims: null,
    isDeviceOnlyAuthSupported: false,
    isFallbackPublicClient: false,
    serviceManagementReference: null,
    signInAudience: "AzureADMyOrg",
    tags: [],
    owners: [],
  };
}

/** Soft-deletes a service principal with everything that hangs on it. */
export function removeServicePrincipal(directory: Directory, principal: ServicePrincipal, displayName: string): void {
  delete directory.state.servicePrincipals[principal.id];
  delete directory.state.synchronization[principal.id];
  delete directory.state.private.synchronizationSecrets[principal.id];
  for (const { customKeyIdentifier } of principal.keyCredentials) {
    delete directory.state.private.signingKeys[customKeyIdentifier];
  }
  directory.forget(principal.id);
  directory.softDelete("servicePrincipal", principal.id, displayName);
}

// Assumption entra-gallery-app-deletion, never checked: With the scenario refuseGalleryAppDeletion, Graph deletes neither the gallery
// application in SAML mode nor its service principal, until the identifier is of a verified domain or somebody deletes the enterprise app in
// the portal (terraform-provider-azuread#1388).
/** The scenario of terraform-provider-azuread#1388; its repair: an identifier of a verified domain, or deletion in the portal. */
export function refuseGalleryAppDeletion(
  directory: Directory,
  principal: ServicePrincipal | undefined,
  application: Application | undefined,
): void {
  if (!directory.scenarios.refuseGalleryAppDeletion || !application?.applicationTemplateId) return;
  if (principal?.preferredSingleSignOnMode !== "saml") return;
  const { identifierUris } = application;
  const repaired = identifierUris.length > 0 && identifierUris.every((uri) => isOfVerifiedDomain(directory, uri));
  if (!repaired) throw badRequest("Property appId is invalid.", "DeletingSamlSpNotAllowed");
}

/** `api://…` and URNs are free; a web address has to be of a domain of the tenant. */
function isOfVerifiedDomain(directory: Directory, uri: string): boolean {
  if (!/^https?:/i.test(uri)) return true;
  const host = URL.canParse(uri) ? new URL(uri).hostname : "";
  return directory.state.verifiedDomains.some((domain) => host === domain || host.endsWith(`.${domain}`));
}
