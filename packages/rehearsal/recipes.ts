import { AccountFile } from "./account-file";
import type { LocalCloud } from "./run/local-cloud";

/** One deploy of a recipe in the README: what a person types into an account file before it. */
export interface RecipeStep {
  readonly name: string;
  readonly change: (file: AccountFile) => unknown;
}

const NEXT = "rehearsed";

/** README: Rotate the signing certificate. @param now the clouds' time */
export function certificateRotation(now: Date): [RecipeStep, ...RecipeStep[]] {
  const end = new Date(now);
  end.setUTCFullYear(end.getUTCFullYear() + 2);
  return [
    {
      name: "publish the next signing certificate",
      change: (file) => file.set(["signing", "certificates", NEXT], JSON.stringify(end.toISOString().slice(0, 10))),
    },
    { name: "activate it", change: (file) => file.set(["signing", "active"], JSON.stringify(NEXT)) },
    {
      name: "retire the old one",
      change: (file) => {
        const old = file.names("signing", "certificates").filter((name) => name !== NEXT);
        for (const name of old) file.remove("signing", "certificates", name);
        file.set(["signing", "retired"], JSON.stringify(old));
      },
    },
  ];
}

/** README: Rotate the access key. */
export const keyRotation: readonly RecipeStep[] = [
  { name: "add the next key", change: (file) => file.set(["appRoles", "accessKeys", "standby"], JSON.stringify(NEXT)) },
  {
    name: "swap the two",
    change: (file) => {
      const old = file.get("appRoles", "accessKeys", "active") ?? "";
      file.set(["appRoles", "accessKeys", "active"], JSON.stringify(NEXT));
      file.set(["appRoles", "accessKeys", "standby"], old);
    },
  },
  { name: "drop the old one", change: (file) => file.remove("appRoles", "accessKeys", "standby") },
];

/**
 * docs/runbooks/incident.md, One person and Everyone: what AWS refuses until the line is gone. Everyone and all sessions shut the way in as well.
 * @param who session names; without one, everyone @param issuedBefore sessions that began before; without one, all sessions
 */
export function incident(who: readonly string[] | undefined, issuedBefore?: Date): RecipeStep {
  const reached = who ? `{ people: ${JSON.stringify(who)} }` : '"everyone"';
  const moment = issuedBefore && `${issuedBefore.toISOString().slice(0, 19)}Z`;
  const sessions = moment ? `{ issuedBefore: ${JSON.stringify(moment)} }` : '"all"';
  const everyone = moment ? "open it to who signs in now" : "shut the account to everybody";
  return {
    name: who ? "end the sessions of one person" : everyone,
    change: (file) => file.set(["incident"], `{ who: ${reached}, sessions: ${sessions} }`),
  };
}

/** docs/runbooks/incident.md, Lifting it. */
export const incidentOver: RecipeStep = { name: "lift it", change: (file) => file.remove("incident") };

/** README: Remove an account whose roles are imported. */
export const retiring: RecipeStep = { name: "retire", change: (file) => file.set(["appRoles", "retiring"], "true") };

/** README: From imported to declared. @param roleIds ids of the imported app roles by role name, as copied from Entra */
export function toDeclared(roleIds: Readonly<Record<string, string>>): RecipeStep {
  return {
    name: "from imported to declared",
    change: (file) =>
      file.set(["appRoles"], `declared({ keepRoleIds: ${JSON.stringify(roleIds)} })`).import("declared"),
  };
}

/** docs/runbooks/policies-at-scale.md: where the policies of the organization's sets stand, as a person writes it into organization.ts. */
export function setPolicies(project: string, policies: string): void {
  AccountFile.ofOrganization(project).set(["conditionalAccess", "policies"], JSON.stringify(policies)).save();
}

/** What the sample baseline leaves to the organization or does not turn on, in the account's own hands. */
export const everyOption: RecipeStep = {
  name: "every option",
  change: (file) => {
    file.set(["alarms", "accessKeyAge"], "{ config: { keepDays: 400 } }");
    const account = file.get("account") ?? "";
    file.set(["account"], `{ ...${account}, appRoles: imported({ accessKeys: { active: "k1" } }) }`).import("imported");
    file.set(["breakGlass"], '{ user: { name: "BreakGlass1" } }');
    file.set(["trail"], "{ keepDays: 400 }");
    file.set(["alias"], '"contoso-account2"');
    file.set(["optInRegions"], '{ "eu-central-2": "enabled" }');
    const watched = file.get("regions");
    if (watched) file.set(["regions"], watched.replace(/]$/, ', "eu-central-2"]'));
    file.set(["keysBoundary"], "true");
    file.set(["centralRootAccess"], "true");
  },
};

/** A strength of the tenant's own. */
export const ownStrength: RecipeStep = {
  name: "a strength",
  change: (file) => file.set(["strengths"], '{ "Security keys": ["fido2"] }'),
};

/** README: Rename an account, or the company. */
export const renamed: RecipeStep = { name: "rename", change: (file) => file.set(["accountName"], '"Renamed"') };

/** What the README says cannot be done: the certificate that signs now ends a day earlier. */
export const anotherDate: RecipeStep = {
  name: "another date for a certificate that Entra has",
  change: (file) => {
    const active = JSON.parse(file.get("signing", "active") ?? '""') as string;
    const date = ["signing", "certificates", active];
    const end = new Date(JSON.parse(file.get(...date) ?? '""'));
    end.setUTCDate(end.getUTCDate() - 1);
    file.set(date, JSON.stringify(end.toISOString().slice(0, 10)));
  },
};

/** AWS takes another role for it. */
export const otherPath: RecipeStep = {
  name: "another path for a role",
  change: (file) => {
    const [role = ""] = file.names("roles");
    file.set(["roles", role, "path"], '"/rehearsed/"');
  },
};

/** Follows a step in the copy of the project, in the account files of some stacks, and synthesizes again. */
export async function follow(local: LocalCloud, stacks: readonly string[], step: RecipeStep): Promise<void> {
  for (const stack of stacks) {
    const file = AccountFile.of(local.project, stack);
    step.change(file);
    file.save();
  }
  await local.synthAgain();
}
