import type { Json, User } from "../../../cloud/entra/state";
import type { Tenant } from "../../../cloud/entra/tenant";
import type { UserBody } from "../../../cloud/entra/users";
import type { ResourceType } from "../../resource-type";
import type { Attributes, Value } from "../../values";
import { applied, changed, flag, onceMade, refreshed, text, textOrNull, texts, unlessGone } from "./attributes";
import { ids } from "./ids";
import { atMost, check, email, notEmpty, notModelled, oneOf } from "./validators";

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
