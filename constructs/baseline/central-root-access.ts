import { IamOrganizationsFeatures } from "@cdktf/provider-aws/lib/iam-organizations-features";
import { Construct } from "constructs";

/**
 * Central management of root access, for the management account of an organization only: root credentials of member accounts can be
 * deleted, and what needs the root user is done by short sessions from here. New accounts then have no root password at all. Trusted access
 * for `iam.amazonaws.com` must be on in AWS Organizations first.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/id_root-enable-root-access.html
 */
export class CentralRootAccess extends Construct {
  /** The L1 underneath, for what this construct does not model. */
  readonly resource: IamOrganizationsFeatures;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.resource = new IamOrganizationsFeatures(this, "Resource", {
      enabledFeatures: ["RootCredentialsManagement", "RootSessions"],
    });
  }
}
