import { randomUUID } from "node:crypto";
import { badRequest, copy, type Directory } from "./directory";
import type { Json, User } from "./state";

/** What POST and PATCH /users take. */
export interface UserBody {
  displayName: string;
  userPrincipalName: string;
  mailNickname: string;
  accountEnabled: boolean;
  passwordPolicies?: string | null;
  passwordProfile?: { password: string; forceChangePasswordNextSignIn: boolean };
  details?: Record<string, Json>;
}

/** Users: https://learn.microsoft.com/graph/api/resources/user */
export class Users {
  constructor(private readonly directory: Directory) {}

  get(id: string): User {
    return copy(this.directory.user(id));
  }

  list(): User[] {
    return copy(Object.values(this.directory.state.users));
  }

  /** The person who signs in with this name; case does not matter. */
  byUserPrincipalName(name: string): User | undefined {
    return this.list().find((user) => user.userPrincipalName.toLowerCase() === name.toLowerCase());
  }

  create(body: UserBody): Promise<User> {
    const { state } = this.directory;
    return this.directory.request("POST /users", `user ${body.userPrincipalName}`, () => {
      const { passwordProfile, ...properties } = body;
      // https://learn.microsoft.com/graph/api/user-post-users: accountEnabled, displayName, mailNickname, passwordProfile, userPrincipalName
      if (!passwordProfile) throw badRequest("A password must be specified to create a new user.");
      this.check(body);
      const user: User = {
        id: randomUUID(),
        userType: "Member",
        passwordPolicies: null,
        details: {},
        ...properties,
        passwordIsSet: true,
        forceChangePasswordNextSignIn: passwordProfile.forceChangePasswordNextSignIn,
      };
      state.users[user.id] = user;
      return copy(user);
    });
  }

  update(id: string, body: Partial<UserBody>): Promise<void> {
    const name = this.directory.state.users[id]?.userPrincipalName ?? id;
    return this.directory.request("PATCH /users/{id}", `user ${name}`, () => {
      const user = this.directory.user(id);
      const { passwordProfile, details, ...properties } = body;
      this.check({ passwordPolicies: user.passwordPolicies, ...body }, id);
      Object.assign(user, properties);
      Object.assign(user.details, details);
      if (passwordProfile) user.forceChangePasswordNextSignIn = passwordProfile.forceChangePasswordNextSignIn;
    });
  }

  delete(id: string): Promise<void> {
    const name = this.directory.state.users[id]?.userPrincipalName ?? id;
    return this.directory.request("DELETE /users/{id}", `user ${name}`, () => {
      const user = this.directory.user(id);
      delete this.directory.state.users[id];
      this.directory.forget(id);
      this.directory.softDelete("user", id, user.userPrincipalName);
    });
  }

  private check(body: Partial<UserBody>, id?: string): void {
    const name = body.userPrincipalName;
    if (name !== undefined) {
      const domain = name.split("@")[1]?.toLowerCase() ?? "";
      // "The domain portion must be in one of the tenant's verified domains": https://learn.microsoft.com/graph/api/resources/user
      if (!this.directory.state.verifiedDomains.includes(domain)) {
        throw badRequest(`Property userPrincipalName is invalid: the tenant has no domain '${domain}'.`);
      }
      const taken = this.byUserPrincipalName(name);
      if (taken && taken.id !== id) {
        throw badRequest("Another object with the same value for property userPrincipalName already exists.");
      }
    }
    const password = body.passwordProfile?.password;
    if (password !== undefined && !body.passwordPolicies?.includes("DisableStrongPassword") && !isStrong(password)) {
      throw badRequest(
        "The specified password does not comply with password complexity requirements. Please provide a different password.",
      );
    }
  }
}

/** 8 to 256 characters of three kinds out of four: https://learn.microsoft.com/entra/identity/authentication/concept-sspr-policy */
function isStrong(password: string): boolean {
  const kinds = [/[a-z]/, /[A-Z]/, /[0-9]/, /[^A-Za-z0-9]/].filter((kind) => kind.test(password));
  return password.length >= 8 && password.length <= 256 && kinds.length >= 3;
}
