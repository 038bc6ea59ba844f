import { GroupMember } from "@cdktf/provider-azuread/lib/group-member";
import { User } from "@cdktf/provider-azuread/lib/user";
import { Construct } from "constructs";
import type { JustInTimeMembership } from "./eligible-members";
import type { RoleGroup } from "./role-group";

export interface TestUserProps {
  /** Name before the `@`, and display name: `Test-AWSAdmin`. */
  readonly name: string;
  /** Domain of the tenant that the name gets: `contoso.onmicrosoft.com`. */
  readonly domain: string;
  /** Initial password, an expression of a sensitive variable; to be changed at first sign-in. */
  readonly password: string;
  readonly group: RoleGroup;
  /** Where the group's people are eligible, the test user is, too. @default - the test user is a member */
  readonly eligibility?: JustInTimeMembership;
}

/** A person who does not exist, to try a role with. Goes again after the test. */
export class TestUser extends Construct {
  /** The L1 underneath, for what this construct does not model. */
  readonly resource: User;

  constructor(scope: Construct, id: string, props: TestUserProps) {
    super(scope, id);
    this.resource = new User(this, "Resource", {
      userPrincipalName: `${props.name}@${props.domain}`,
      displayName: props.name,
      mailNickname: props.name,
      password: props.password,
      forcePasswordChange: true,
      accountEnabled: true,
    });
    if (props.eligibility) {
      props.eligibility.makeEligible(this, "Eligibility", this.resource.objectId);
      return;
    }
    new GroupMember(this, "Membership", {
      groupObjectId: props.group.objectId,
      memberObjectId: this.resource.objectId,
    });
  }
}
