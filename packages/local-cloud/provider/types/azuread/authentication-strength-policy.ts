import type { AuthenticationStrength } from "../../../cloud/entra/state";
import type { Tenant } from "../../../cloud/entra/tenant";
import type { ResourceType } from "../../resource-type";
import type { Attributes } from "../../values";
import { applied, changed, refreshed, text, textOrNull, texts, unlessGone } from "./attributes";
import { ids } from "./ids";
import { check, notEmpty, type Rule } from "./validators";

/** Words of the SDK, constant_authenticationmethodmodes.go. */
const METHODS = [
  "deviceBasedPush",
  "email",
  "federatedMultiFactor",
  "federatedSingleFactor",
  "fido2",
  "hardwareOath",
  "microsoftAuthenticatorPush",
  "password",
  "sms",
  "softwareOath",
  "temporaryAccessPassMultiUse",
  "temporaryAccessPassOneTime",
  "voice",
  "windowsHelloForBusiness",
  "x509CertificateMultiFactor",
  "x509CertificateSingleFactor",
];

const combination: Rule = (value) => {
  if (typeof value !== "string") return undefined;
  const unknownMethod = value.split(",").find((method) => !METHODS.includes(method.trim()));
  return unknownMethod === undefined ? undefined : `unrecognized authentication method "${unknownMethod}"`;
};

/** policies/authentication_strength_policy_resource.go */
export const authenticationStrengthPolicy: ResourceType<Tenant> = {
  validate: (config) => check(config, { display_name: notEmpty, allowed_combinations: combination }),

  async create(tenant, planned) {
    const allowedCombinations = texts(planned.allowed_combinations);
    const made = await tenant.authenticationStrengths.create({ ...named(planned), allowedCombinations });
    return applied(planned, flatten(made));
  },

  read(tenant, state) {
    const found = unlessGone(() => tenant.authenticationStrengths.get(ids.authenticationStrength.last(state.id)));
    return found && refreshed(flatten(found), state);
  },

  /** The combinations are a request of their own, after the rest. */
  async update(tenant, planned, prior) {
    const strengthId = ids.authenticationStrength.last(prior.id);
    await tenant.authenticationStrengths.update(strengthId, named(planned));
    if (changed(prior.allowed_combinations, planned.allowed_combinations)) {
      await tenant.authenticationStrengths.updateAllowedCombinations(strengthId, texts(planned.allowed_combinations));
    }
    return applied(planned, flatten(tenant.authenticationStrengths.get(strengthId)));
  },

  delete: (tenant, state) => tenant.authenticationStrengths.delete(ids.authenticationStrength.last(state.id)),

  import: ids.authenticationStrength.import,
};

const named = (planned: Attributes) => ({
  displayName: text(planned.display_name),
  description: textOrNull(planned.description),
});

const flatten = (strength: AuthenticationStrength): Attributes => ({
  id: ids.authenticationStrength.of(strength.id),
  display_name: strength.displayName,
  description: strength.description,
  allowed_combinations: strength.allowedCombinations,
});
