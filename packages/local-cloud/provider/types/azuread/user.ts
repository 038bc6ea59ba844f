import { createHash } from "node:crypto";
import type { Json, User } from "../../../cloud/entra/state";
import type { Tenant } from "../../../cloud/entra/tenant";
import type { UserBody } from "../../../cloud/entra/users";
import type { DataSourceType, ResourceType } from "../../resource-type";
import type { Attributes, Value } from "../../values";
import { applied, changed, flag, onceMade, refreshed, text, textOrNull, texts, unlessGone } from "./attributes";
import { ids } from "./ids";
import { atMost, check, conflicting, email, exactlyOneOf, notEmpty, notModelled, oneOf, uuid } from "./validators";

const DEFAULTS = {
  account_enabled: true,
  force_password_change: false,
  disable_strong_password: false,
  disable_password_expiration: false,
  show_in_address_list: true,
} as const;

/** Texts that pass through, by their names in Terraform and in Graph. */
const DETAILS = {
  age_group: "ageGroup",
  city: "city",
  company_name: "companyName",
  consent_provided_for_minor: "consentProvidedForMinor",
  cost_center: "costCenter",
  country: "country",
  department: "department",
  division: "division",
  employee_id: "employeeId",
  employee_type: "employeeType",
  fax_number: "faxNumber",
  given_name: "givenName",
  job_title: "jobTitle",
  mail: "mail",
  mobile_phone: "mobilePhone",
  office_location: "officeLocation",
  postal_code: "postalCode",
  preferred_language: "preferredLanguage",
  state: "state",
  street_address: "streetAddress",
  surname: "surname",
  usage_location: "usageLocation",
} as const;

/** users/user_resource.go */
export const user: ResourceType<Tenant> = {
  defaults: DEFAULTS,

  validate: (config) => [
    ...check(config, {
      user_principal_name: email,
      display_name: notEmpty,
      age_group: oneOf("Adult", "Minor", "NotAdult"),
      consent_provided_for_minor: oneOf("Denied", "Granted", "NotRequired"),
      employee_id: atMost(16),
      employee_type: atMost(64),
      password: (value) =>
        typeof value === "string" && (value === "" || value.length > 256) ? "expected 1 to 256 characters" : undefined,
    }),
    ...notModelled(config, ["business_phones", "employee_hire_date", "manager_id", "onpremises_immutable_id"]),
  ],

  async create(tenant, planned) {
    if (!text(planned.password))
      throw new Error("Could not create user: `password` is required when creating a new user");
    const name = text(planned.user_principal_name);
    const { id } = await tenant.users.create({
      ...bodyOf(planned),
      mailNickname: text(planned.mail_nickname) || (name.split("@")[0] ?? name),
      passwordProfile: passwordProfile(planned),
    });
    return onceMade({ ...planned, id: ids.user.of(id) }, async () => {
      await tenant.users.update(id, addressList(planned));
      return applied(planned, flatten(tenant.users.get(id), planned));
    });
  },

  read(tenant, state) {
    const found = unlessGone(() => tenant.users.get(ids.user.last(state.id)));
    return found && refreshed(flatten(found, state), state, DEFAULTS);
  },

  async update(tenant, planned, prior) {
    const id = ids.user.last(prior.id);
    const passwordChanged = text(planned.password) !== "" && changed(prior.password, planned.password);
    await tenant.users.update(id, {
      ...bodyOf(planned),
      mailNickname: text(planned.mail_nickname),
      ...(passwordChanged ? { passwordProfile: passwordProfile(planned) } : {}),
    });
    if (changed(prior.show_in_address_list, planned.show_in_address_list))
      await tenant.users.update(id, addressList(planned));
    return applied(planned, flatten(tenant.users.get(id), planned));
  },

  delete: (tenant, state) => tenant.users.delete(ids.user.last(state.id)),

  import: ids.user.import,
};

function bodyOf(planned: Attributes): Omit<UserBody, "mailNickname"> {
  const details = Object.entries(DETAILS).map(([name, property]): [string, Json] => [
    property,
    textOrNull(planned[name]),
  ]);
  const policies = [
    ...(flag(planned.disable_strong_password) ? ["DisableStrongPassword"] : []),
    ...(flag(planned.disable_password_expiration) ? ["DisablePasswordExpiration"] : []),
  ];
  return {
    displayName: text(planned.display_name),
    userPrincipalName: text(planned.user_principal_name),
    accountEnabled: flag(planned.account_enabled),
    passwordPolicies: policies.join(", ") || null,
    details: { ...Object.fromEntries(details), otherMails: texts(planned.other_mails) },
  };
}

const passwordProfile = (planned: Attributes) => ({
  password: text(planned.password),
  forceChangePasswordNextSignIn: flag(planned.force_password_change),
});

const addressList = (planned: Attributes) => ({ details: { showInAddressList: flag(planned.show_in_address_list) } });

/** Password and force_password_change are never read back: they stay as they stand in the state. */
function flatten(found: User, state: Attributes): Attributes {
  const { details } = found;
  const detailTexts = Object.entries(DETAILS).map(([name, property]): [string, Value] => {
    const value = details[property];
    return [name, typeof value === "string" ? value : ""];
  });
  return {
    ...Object.fromEntries(detailTexts),
    id: ids.user.of(found.id),
    object_id: found.id,
    user_principal_name: found.userPrincipalName,
    display_name: found.displayName,
    account_enabled: found.accountEnabled,
    mail_nickname: found.mailNickname,
    user_type: found.userType,
    disable_strong_password: found.passwordPolicies?.includes("DisableStrongPassword") ?? false,
    disable_password_expiration: found.passwordPolicies?.includes("DisablePasswordExpiration") ?? false,
    show_in_address_list: details.showInAddressList !== false,
    other_mails: Array.isArray(details.otherMails) ? details.otherMails.map(String) : [],
    password: state.password ?? null,
    force_password_change: flag(state.force_password_change),
    about_me: "",
    business_phones: [],
    creation_type: "",
    external_user_state: "",
    im_addresses: [],
    manager_id: "",
    onpremises_distinguished_name: "",
    onpremises_domain_name: "",
    onpremises_immutable_id: "",
    onpremises_sam_account_name: "",
    onpremises_security_identifier: "",
    onpremises_sync_enabled: false,
    onpremises_user_principal_name: "",
    proxy_addresses: [],
  };
}

/** users/users_data_source.go: nobody found is an empty list, where missing ones are ignored. */
export const usersData: DataSourceType<Tenant> = {
  validate: (config) => [
    ...check(config, { object_ids: uuid, user_principal_names: notEmpty }),
    ...exactlyOneOf(
      config,
      "object_ids",
      "user_principal_names",
      "mail_nicknames",
      "mails",
      "employee_ids",
      "return_all",
    ),
    ...conflicting(config, "ignore_missing", "return_all"),
  ],
  read(tenant, config) {
    const unmodelled = ["mail_nicknames", "mails", "employee_ids"].find((name) => texts(config[name]).length > 0);
    if (unmodelled) throw new Error(`the local cloud finds users by name or object ID, not by ${unmodelled}`);
    const find = (wanted: readonly string[], what: string, one: (name: string) => User | undefined): User[] =>
      wanted.flatMap((name) => {
        const found = one(name);
        if (!found && !flag(config.ignore_missing)) throw new Error(`User with ${what} "${name}" was not found`);
        return found ? [found] : [];
      });
    const users = flag(config.return_all)
      ? tenant.users.list()
      : [
          ...find(texts(config.user_principal_names), "UPN", (name) => tenant.users.byUserPrincipalName(name)),
          ...find(texts(config.object_ids), "object ID", (id) => unlessGone(() => tenant.users.get(id))),
        ];
    const names = users.map(({ userPrincipalName }) => userPrincipalName);
    const detail = (user: User, property: string) => String(user.details[property] ?? "");
    return {
      id: `users#${createHash("sha1").update(names.join("/")).digest("base64url")}`,
      employee_ids: users.map((user) => detail(user, "employeeId")),
      mail_nicknames: users.map(({ mailNickname }) => mailNickname),
      mails: users.map((user) => detail(user, "mail")),
      object_ids: users.map(({ id }) => id),
      user_principal_names: names,
      ignore_missing: config.ignore_missing ?? null,
      return_all: config.return_all ?? null,
      users: users.map((user) => ({
        account_enabled: user.accountEnabled,
        display_name: user.displayName,
        employee_id: detail(user, "employeeId"),
        mail: detail(user, "mail"),
        mail_nickname: user.mailNickname,
        object_id: user.id,
        onpremises_immutable_id: "",
        onpremises_sam_account_name: "",
        onpremises_user_principal_name: "",
        usage_location: detail(user, "usageLocation"),
        user_principal_name: user.userPrincipalName,
      })),
    };
  },
};
