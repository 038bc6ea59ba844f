import { Application } from "@cdktf/provider-azuread/lib/application";
import { ApplicationIdentifierUri } from "@cdktf/provider-azuread/lib/application-identifier-uri";
import { ServicePrincipal } from "@cdktf/provider-azuread/lib/service-principal";
import { Construct, type IConstruct } from "constructs";
import { check } from "../check";

/** "AWS Single-Account Access" in the Entra gallery. Its name has changed before; its id has not. */
export const AWS_SINGLE_ACCOUNT_ACCESS = "8b1025e4-1dd2-430b-a150-2ef79cd700f5";

/**
 * The role that the gallery application comes with. It carries no AWS role; Microsoft asks not to modify it, so it is declared with
 * its own id (https://learn.microsoft.com/graph/application-saml-sso-configure-api).
 */
const MSIAM_ACCESS = "7dfd756e-8c27-4472-b2b7-38c17fc5de5e";

/** An app role that this code declares. */
export interface DeclaredAppRole {
  readonly id: string;
  /** What the Entra admin center lists under Users and groups. */
  readonly displayName: string;
  /** `role ARN,provider ARN`. */
  readonly claim: string;
}

export interface EnterpriseAppProps {
  /** Name in the Entra admin center and in My Apps; unique in the tenant. */
  readonly displayName: string;
  /** Identifier (Entity ID): `https://signin.aws.amazon.com/saml#<account id>`. */
  readonly identifier: string;
  /** Reply URLs (Assertion Consumer Service URLs), never with `#`. */
  readonly replyUrls: readonly string[];
  /** Object ids of those who may change the application: the deploy identities. Whoever else deploys gets the same plan. */
  readonly owners: readonly string[];
  /** Where Entra writes before a signing certificate expires. */
  readonly notificationEmails: readonly string[];
  /** App roles of this code, or `"imported"`: Terraform then leaves the roles to Entra's provisioning service. */
  readonly appRoles: readonly DeclaredAppRole[] | "imported";
  /** "Enabled for users to sign in?" in the Entra admin center. @default true - a deploy turns it on again after somebody turned it off */
  readonly enabled?: boolean;
  /**
   * Where people land in AWS after sign-in, a console URL.
   * @default - the console's home page
   */
  readonly relayState?: string;
  /**
   * Homepage URL; the article finds AWS applications in a tenant by it.
   * @default "http://aws.amazon.com/" - what the gallery application has
   */
  readonly homepageUrl?: string;
}

/** An enterprise application that people sign in to: one that is made here, or one that is there. */
export interface IEnterpriseApp extends IConstruct {
  readonly displayName: string;
  readonly identifier: string;
  /** Application (client) ID. */
  readonly clientId: string;
  /** `id` is the provider's, `/servicePrincipals/<object ID>`. */
  readonly servicePrincipal: Pick<ServicePrincipal, "id" | "objectId">;
}

/** An application that is there, as the Entra admin center shows it under Enterprise applications > Properties. */
export interface ExistingEnterpriseApp {
  readonly displayName: string;
  /** Identifier (Entity ID). */
  readonly identifier: string;
  /** Application ID. */
  readonly clientId: string;
  /** Object ID of the enterprise application, not the one of its app registration. */
  readonly servicePrincipalObjectId: string;
}

/** One AWS account among Entra's enterprise applications: application, service principal in SAML mode, identifier. */
export class EnterpriseApp extends Construct implements IEnterpriseApp {
  readonly displayName: string;
  readonly identifier: string;
  /** Application (client) ID. */
  readonly clientId: string;
  readonly servicePrincipal: ServicePrincipal;
  /** The L1 underneath, for what this construct does not model. */
  readonly resource: Application;

  /**
   * An application that somebody else makes and keeps: sign-on, role import, policies and assignments go by its ids, and nothing here changes
   * its properties.
   */
  static fromObjectIds(scope: Construct, id: string, existing: ExistingEnterpriseApp): IEnterpriseApp {
    const { displayName, identifier, clientId, servicePrincipalObjectId: objectId } = existing;
    const servicePrincipal = { id: `/servicePrincipals/${objectId}`, objectId };
    const app = Object.assign(new Construct(scope, id), { displayName, identifier, clientId, servicePrincipal });
    for (const [prop, value] of Object.entries({ clientId, servicePrincipalObjectId: objectId })) {
      check(app, prop, value).isGuid("it from Enterprise applications > Properties in the Entra admin center");
    }
    return app;
  }

  constructor(scope: Construct, id: string, props: EnterpriseAppProps) {
    super(scope, id);
    const imported = props.appRoles === "imported";
    const declaredRoles = props.appRoles === "imported" ? [] : props.appRoles;
    this.displayName = props.displayName;
    this.identifier = props.identifier;
    check(this, "length of the application's name", props.displayName.length).must(
      props.displayName.length <= 120,
      "Entra takes 120 characters; shorten company or accountName",
    );
    check(this, "owners", props.owners).must(
      props.owners.length > 0,
      "Entra needs at least one for deploys under Application.ReadWrite.OwnedBy; name the deploy identity's object ID",
    );
    check(this, "owners", props.owners).areGuids("the deploy identity");
    check(this, "notificationEmails", props.notificationEmails).areEmails();

    this.resource = new Application(this, "Application", {
      displayName: props.displayName,
      templateId: AWS_SINGLE_ACCOUNT_ACCESS,
      preventDuplicateNames: true,
      owners: [...props.owners].sort(),
      web: {
        homepageUrl: props.homepageUrl ?? "http://aws.amazon.com/",
        redirectUris: [...props.replyUrls],
      },
      appRole: [
        {
          id: MSIAM_ACCESS,
          displayName: "msiam_access",
          description: "msiam_access",
          allowedMemberTypes: ["User"],
          enabled: true,
        },
        ...declaredRoles.map((role) => ({
          id: role.id,
          displayName: role.displayName,
          description: role.displayName,
          allowedMemberTypes: ["User"],
          enabled: true,
          value: role.claim,
        })),
      ],
      lifecycle: {
        // The identifier is its own resource: Entra takes a host name that the tenant has not verified only from an application
        // whose service principal is in SAML mode (hashicorp/terraform-provider-azuread#797).
        ignoreChanges: imported ? ["identifier_uris", "app_role"] : ["identifier_uris"],
      },
    });
    this.servicePrincipal = new ServicePrincipal(this, "ServicePrincipal", {
      clientId: this.resource.clientId,
      // The gallery made it together with the application. Adopting sends every property, so what is not said here is reset.
      useExisting: true,
      accountEnabled: props.enabled,
      owners: [...props.owners].sort(),
      appRoleAssignmentRequired: true,
      preferredSingleSignOnMode: "saml",
      notificationEmailAddresses: [...props.notificationEmails].sort(),
      featureTags: [{ enterprise: true, gallery: true, customSingleSignOn: false, hide: false }],
      samlSingleSignOn: props.relayState ? { relayState: props.relayState } : undefined,
    });
    this.clientId = this.servicePrincipal.clientId;
    new ApplicationIdentifierUri(this, "IdentifierUri", {
      applicationId: this.resource.id,
      identifierUri: props.identifier,
      dependsOn: [this.servicePrincipal],
    });
  }
}
