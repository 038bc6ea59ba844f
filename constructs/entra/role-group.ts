import { AppRoleAssignment } from "@cdktf/provider-azuread/lib/app-role-assignment";
import { Group } from "@cdktf/provider-azuread/lib/group";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { check, isGuid } from "../check";
import type { IEnterpriseApp } from "./enterprise-app";

/** A group to make, or one that is there. */
export type GroupChoice =
  | {
      /** Display name in Entra. */
      readonly name: string;
      /**
       * Keeps tenant-wide administrators of groups and users out of it. To or from `roleAssignable` is another group: its members and
       * who is eligible must be named again. To or from an administrative unit the group stays, and whoever somebody put into it:
       * look at its members. A Privileged Role Administrator moves it first, by hand; the deploy identity cannot.
       * @default - Groups Administrators, User Administrators and others manage its members
       */
      readonly protection?: GroupProtection;
      readonly existing?: never;
    }
  | {
      /**
       * Object ID of an existing security group; who makes it keeps it, name and all. With `eligible()` its PIM settings become these:
       * what they ask for now, an approval for example, goes with the second deploy; an authentication context is to be taken away by
       * hand before the first, or Entra refuses `require: "mfa"` beside it.
       */
      readonly existing: string;
      /**
       * What people call the group, for whoever reads the access snapshot, the report or a plan's summary: it stands beside the object
       * ID there, and changes nothing in Entra. 1 to 256 characters.
       * @default - the object ID alone
       */
      readonly name?: string;
      readonly protection?: never;
    };

/**
 * `roleAssignable`: only Global and Privileged Role Administrators and owners manage the members, and only the Privileged
 * Authentication Administrator resets their credentials; no group can be a member. At most 500 such groups in a tenant. The deploy
 * identity needs the permission RoleManagement.ReadWrite.Directory.
 *
 * `administrativeUnit`, the object ID of a restricted management administrative unit: only who has a role scoped to that unit manages
 * the group, and no owner. Application permissions do not reach a group in it, Group.ReadWrite.All included: the deploy identity
 * needs such a role, Groups Administrator scoped to the unit. Not with `eligible()`: PIM cannot manage such a group.
 * @see https://learn.microsoft.com/entra/identity/role-based-access-control/groups-concept
 * @see https://learn.microsoft.com/entra/identity/role-based-access-control/admin-units-restricted-management
 */
export type GroupProtection = "roleAssignable" | { readonly administrativeUnit: string };

export interface RoleGroupProps {
  readonly group: GroupChoice;
  /** What membership gives; shown in the Entra admin center. */
  readonly description: string;
  /** Object ids of the group's owners: the deploy identities. */
  readonly owners: readonly string[];
}

/** An app role that a group can be assigned to. */
export interface AssignableAppRole {
  /** Id, or an expression for it. */
  readonly id: string;
  /** 0 while the role is pending, 1 once it is there. Absent: always there. */
  readonly count?: number;
  /** The assignment may only leave together with its role: Terraform refuses a plan that would destroy it. */
  readonly guarded: boolean;
}

/**
 * The group whose direct members may enter the account with a role. Members of nested groups may not: Entra does not pass
 * an assignment on (https://learn.microsoft.com/entra/identity/enterprise-apps/assign-user-or-group-access-portal).
 */
export class RoleGroup extends Construct {
  /** Object ID, or an expression for it. */
  readonly objectId: string;
  /** The L1 underneath; absent for an existing group. */
  readonly resource?: Group;

  constructor(scope: Construct, id: string, props: RoleGroupProps) {
    super(scope, id);
    check(this, "group", []).must(
      props.group.name !== undefined || props.group.existing !== undefined,
      "a role has one group, made here by name or there already by object ID; write one of name, existing",
    );
    if (props.group.existing !== undefined) {
      const { existing: objectId, name: shown = objectId, protection: ignored } = props.group;
      check(
        this,
        "group.protection",
        ignored === undefined || typeof ignored === "string" ? ignored : Object.keys(ignored),
      ).must(ignored === undefined, "who made an existing group protects it, and nothing here would; leave it out");
      check(this, "group.existing", objectId).isGuid("the group's object ID from the Entra admin center");
      check(this, "group.name", shown).must(
        shown.trim().length >= 1 && shown.length <= 256,
        "readers see it beside the object ID, and Entra's names have 1 to 256 characters; write what Entra calls the group, or leave it out",
      );
      this.objectId = objectId;
      return;
    }
    const { name = "", protection } = props.group;
    check(this, "length of the group's name", name.length).must(
      name.length >= 1 && name.length <= 256,
      "Entra takes 1 to 256 characters; shorten accountName or name the group yourself",
    );
    check(this, "owners", props.owners).areGuids("the deploy identity");
    const unit = typeof protection === "object" ? protection.administrativeUnit : undefined;
    check(this, "group.protection.administrativeUnit", unit).must(
      unit === undefined || isGuid(unit),
      "Entra takes a GUID; copy the administrative unit's object ID from the Entra admin center",
    );
    this.resource = new Group(this, "Group", {
      displayName: name,
      description: props.description,
      securityEnabled: true,
      assignableToRole: protection === "roleAssignable" ? true : undefined,
      administrativeUnitIds: unit === undefined ? undefined : [unit],
      owners: [...props.owners].sort(),
      preventDuplicateNames: true,
    });
    this.objectId = this.resource.objectId;
  }

  /** Assigns the group to an app role. @param after what must be in force before anybody gets in: the MFA policy */
  assign(app: IEnterpriseApp, role: AssignableAppRole, after: ITerraformDependable[]): AppRoleAssignment {
    return new AppRoleAssignment(this, "AppRoleAssignment", {
      appRoleId: role.id,
      principalObjectId: this.objectId,
      resourceObjectId: app.servicePrincipal.objectId,
      count: role.count,
      dependsOn: after,
      lifecycle: role.guarded ? { preventDestroy: true } : undefined,
    });
  }
}
