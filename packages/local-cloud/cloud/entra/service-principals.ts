import { randomUUID } from "node:crypto";
import { refuseGalleryAppDeletion, removeServicePrincipal } from "./applications";
import { badRequest, copy, type Directory, sameId } from "./directory";
import type { AttributeValues, SecurityAttributes } from "./security-attributes";
import { thumbprintOf } from "./signing-certificates";
import type { AppRole, KeyCredential, PasswordCredential, ServicePrincipal } from "./state";

/** A service principal as Graph shows it: its own properties, and those that follow the application. */
export interface ServicePrincipalView extends Omit<ServicePrincipal, "importedAppRoles" | "claimsMappingPolicyIds"> {
  appRoles: AppRole[];
  applicationTemplateId: string | null;
  appOwnerOrganizationId: string;
  homepage: string | null;
  logoutUrl: string | null;
  replyUrls: string[];
  servicePrincipalNames: string[];
  servicePrincipalType: string;
  signInAudience: string;
}

/** What POST and PATCH /servicePrincipals take. */
export type ServicePrincipalBody = Partial<
  Pick<
    ServicePrincipal,
    | "accountEnabled"
    | "alternativeNames"
    | "appRoleAssignmentRequired"
    | "description"
    | "loginUrl"
    | "notes"
    | "notificationEmailAddresses"
    | "preferredSingleSignOnMode"
    | "samlSingleSignOnSettings"
    | "tags"
    | "preferredTokenSigningKeyThumbprint"
    | "customSecurityAttributes"
  > & { keyCredentials: KeyCredential[]; passwordCredentials: PasswordCredential[]; appRoles: AppRole[] }
>;

/** Enterprise applications: https://learn.microsoft.com/graph/api/resources/serviceprincipal */
export class ServicePrincipals {
  constructor(
    private readonly directory: Directory,
    private readonly securityAttributes: SecurityAttributes,
  ) {}

  get(id: string): ServicePrincipalView {
    return this.view(this.directory.servicePrincipal(id));
  }

  list(): ServicePrincipalView[] {
    return Object.values(this.directory.state.servicePrincipals).map((principal) => this.view(principal));
  }

  byAppId(appId: string): ServicePrincipalView | undefined {
    const principal = this.directory.servicePrincipalOf(appId);
    return principal && this.view(principal);
  }

  /** The one with this among its `servicePrincipalNames`: an identifier is unique in a tenant. */
  byIdentifier(identifier: string): ServicePrincipalView | undefined {
    const { applications } = this.directory.state;
    const application = Object.values(applications).find(({ identifierUris }) => identifierUris.includes(identifier));
    return application && this.byAppId(application.appId);
  }

  /** Graph compares names without regard to case. */
  byDisplayName(name: string): ServicePrincipalView[] {
    return this.list().filter((principal) => principal.displayName.toLowerCase() === name.toLowerCase());
  }

  create(appId: string, body: ServicePrincipalBody & { owners?: string[] }): Promise<ServicePrincipalView> {
    return this.directory.request("POST /servicePrincipals", `service principal of ${appId}`, () => {
      const application = this.directory.applicationOf(appId);
      // Both answers: https://learn.microsoft.com/graph/api/serviceprincipal-post-serviceprincipals and terraform-provider-azuread, service_principal_resource.go
      if (!application) {
        throw badRequest(
          `The appId '${appId}' of the service principal does not reference a valid application object.`,
        );
      }
      if (this.directory.servicePrincipalOf(appId)) {
        throw badRequest(
          `The service principal cannot be created, updated, or restored because the service principal name ${appId} is already in use.`,
          "Request_MultipleObjectsWithSameKeyValue",
        );
      }
      for (const owner of body.owners ?? []) this.directory.principal(owner);
      const principal = { ...emptyServicePrincipal(appId, application.displayName), ...copy(body) };
      this.directory.state.servicePrincipals[principal.id] = principal;
      return this.view(principal);
    });
  }

  update(id: string, body: ServicePrincipalBody): Promise<void> {
    return this.directory.request("PATCH /servicePrincipals/{id}", this.named(id), () => {
      const principal = this.directory.servicePrincipal(id);
      const { appRoles, customSecurityAttributes, ...properties } = copy(body);
      this.checkAppRoles(principal, appRoles);
      this.checkThumbprint(principal, properties.preferredTokenSigningKeyThumbprint);
      this.checkKeyCredentials(principal, properties.keyCredentials);
      const attributes = this.mergedAttributes(principal, customSecurityAttributes);
      Object.assign(principal, properties, { customSecurityAttributes: attributes });
      if (properties.keyCredentials) this.forgetUnlistedKeys();
    });
  }

  /** Its assignments, policies' assignments and certificates go with it; the application stays. */
  delete(id: string): Promise<void> {
    return this.directory.request("DELETE /servicePrincipals/{id}", this.named(id), () => {
      const principal = this.directory.servicePrincipal(id);
      refuseGalleryAppDeletion(this.directory, principal, this.directory.applicationOf(principal.appId));
      removeServicePrincipal(this.directory, principal, this.view(principal).displayName);
    });
  }

  /** What a person does in the portal, enterprise application, Properties, Delete: no request of a deployment. */
  deleteInPortal(id: string): void {
    const principal = this.directory.servicePrincipal(id);
    removeServicePrincipal(this.directory, principal, this.view(principal).displayName);
  }

  addOwner(id: string, ownerId: string): Promise<void> {
    return this.directory.request("POST /servicePrincipals/{id}/owners/$ref", this.named(id), () =>
      this.directory.addOwner(this.directory.servicePrincipal(id), ownerId),
    );
  }

  removeOwner(id: string, ownerId: string): Promise<void> {
    return this.directory.request("DELETE /servicePrincipals/{id}/owners/{id}/$ref", this.named(id), () =>
      this.directory.removeOwner(this.directory.servicePrincipal(id), ownerId),
    );
  }

  private checkAppRoles(principal: ServicePrincipal, appRoles: AppRole[] | undefined): void {
    // microsoftgraph/microsoft-graph-docs-contrib#8801
    if (appRoles && JSON.stringify(appRoles) !== JSON.stringify(this.view(principal).appRoles)) {
      throw badRequest("Property appRoles on the service principal does not match the application object.");
    }
  }

  // Assumption entra-thumbprint-known, never checked: preferredTokenSigningKeyThumbprint has to name a certificate of the enterprise app;
  // one that is removed later is still named, and signs nothing.
  private checkThumbprint(principal: ServicePrincipal, thumbprint: string | null | undefined): void {
    if (!thumbprint) return;
    const known = principal.keyCredentials.some(({ key }) => key && sameId(thumbprintOf(key), thumbprint));
    if (!known)
      throw badRequest(
        `Property preferredTokenSigningKeyThumbprint names no certificate of the service principal: '${thumbprint}'.`,
      );
  }

  /** The list is sent as a whole: https://learn.microsoft.com/graph/api/serviceprincipal-update. Here entries may leave, none may come. */
  private checkKeyCredentials(principal: ServicePrincipal, credentials: KeyCredential[] | undefined): void {
    const known = new Set(principal.keyCredentials.map(({ keyId }) => keyId));
    const unknownKey = credentials?.find(({ keyId }) => !known.has(keyId));
    if (unknownKey)
      throw badRequest(
        `Key credential ${unknownKey.keyId} is unknown: the local cloud makes keys with addTokenSigningCertificate only.`,
      );
  }

  private mergedAttributes(principal: ServicePrincipal, written: AttributeValues | undefined): AttributeValues {
    const { customSecurityAttributes: before } = principal;
    return written ? this.securityAttributes.merged(before, written) : before;
  }

  private forgetUnlistedKeys(): void {
    const { servicePrincipals, private: secrets } = this.directory.state;
    const listed = new Set(
      Object.values(servicePrincipals).flatMap((one) => one.keyCredentials.map((key) => key.customKeyIdentifier)),
    );
    for (const identifier of Object.keys(secrets.signingKeys)) {
      if (!listed.has(identifier)) delete secrets.signingKeys[identifier];
    }
  }

  private view(principal: ServicePrincipal): ServicePrincipalView {
    const { importedAppRoles, claimsMappingPolicyIds: _, ...own } = copy(principal);
    const application = this.directory.applicationOf(principal.appId);
    const followed = copy(application?.appRoles ?? []);
    return {
      ...own,
      displayName: application?.displayName ?? principal.displayName,
      appRoles: [...followed, ...importedAppRoles.filter((role) => !followed.some(({ id }) => id === role.id))],
      applicationTemplateId: application?.applicationTemplateId ?? null,
      appOwnerOrganizationId: this.directory.state.id,
      homepage: application?.web.homePageUrl ?? null,
      logoutUrl: application?.web.logoutUrl ?? null,
      replyUrls: [...(application?.web.redirectUris ?? [])],
      servicePrincipalNames: [...(application?.identifierUris ?? []), principal.appId],
      servicePrincipalType: "Application",
      signInAudience: application?.signInAudience ?? "AzureADMyOrg",
    };
  }

  private named(id: string): string {
    const principal = this.directory.state.servicePrincipals[id];
    return `service principal ${principal ? this.view(principal).displayName : id}`;
  }
}

/** A service principal with nothing set. */
export function emptyServicePrincipal(appId: string, displayName: string): ServicePrincipal {
  return {
    id: randomUUID(),
    appId,
    displayName,
    accountEnabled: true,
    alternativeNames: [],
    appRoleAssignmentRequired: false,
    description: null,
    loginUrl: null,
    notes: null,
    notificationEmailAddresses: [],
    preferredSingleSignOnMode: null,
    samlSingleSignOnSettings: null,
    tags: [],
    owners: [],
    keyCredentials: [],
    passwordCredentials: [],
    preferredTokenSigningKeyThumbprint: null,
    importedAppRoles: [],
    claimsMappingPolicyIds: [],
    customSecurityAttributes: {},
  };
}
