import { emptyApplication } from "./applications";
import { badRequest, copy, type Directory, notFound } from "./directory";
import { emptyServicePrincipal } from "./service-principals";
import type { Application } from "./state";

/** The gallery template "AWS Single-Account Access": https://learn.microsoft.com/entra/identity/app-provisioning/application-provisioning-configuration-api */
export const AWS_SINGLE_ACCOUNT_ACCESS = "8b1025e4-1dd2-430b-a150-2ef79cd700f5";

/** The default role of that template, which carries no AWS role: https://learn.microsoft.com/graph/application-saml-sso-configure-api */
export const MSIAM_ACCESS = "7dfd756e-8c27-4472-b2b7-38c17fc5de5e";

/** The application gallery: https://learn.microsoft.com/graph/api/resources/applicationtemplate */
export class ApplicationTemplates {
  constructor(private readonly directory: Directory) {}

  get(id: string): { id: string; displayName: string } {
    if (id !== AWS_SINGLE_ACCOUNT_ACCESS) throw notFound(id);
    return { id, displayName: "AWS Single-Account Access" };
  }

  // Assumption entra-instantiate-owner, never checked: Whoever instantiates a gallery template becomes owner of the application and of the
  // enterprise app.
  /** Makes an application and its service principal, with the presets of the template and no signing certificate. */
  instantiate(id: string, displayName: string): Promise<{ applicationId: string; servicePrincipalId: string }> {
    const { state } = this.directory;
    return this.directory.request("POST /applicationTemplates/{id}/instantiate", `application ${displayName}`, () => {
      this.get(id);
      if (!displayName) throw badRequest("Property displayName must not be empty.");
      const owners = state.callerId ? [state.callerId] : [];
      const application = { ...awsSingleAccountAccess(displayName), owners };
      const principal = {
        ...emptyServicePrincipal(application.appId, displayName),
        appRoleAssignmentRequired: true,
        tags: ["WindowsAzureActiveDirectoryIntegratedApp"],
        owners: copy(owners),
      };
      state.applications[application.id] = application;
      state.servicePrincipals[principal.id] = principal;
      return { applicationId: application.id, servicePrincipalId: principal.id };
    });
  }
}

/** The presets, as the answers in Microsoft's two how-to pages named above show them. */
function awsSingleAccountAccess(displayName: string): Application {
  const empty = emptyApplication(displayName);
  return {
    ...empty,
    applicationTemplateId: AWS_SINGLE_ACCOUNT_ACCESS,
    web: { ...empty.web, homePageUrl: "http://aws.amazon.com/", redirectUris: ["https://signin.aws.amazon.com/saml"] },
    appRoles: [
      {
        id: MSIAM_ACCESS,
        value: null,
        displayName: "msiam_access",
        description: "msiam_access",
        isEnabled: true,
        allowedMemberTypes: ["User"],
      },
    ],
  };
}
