import type { KeyState } from "../../../cloud/aws/kms-keys";
import { PartiallyCreated, type ResourceType } from "../../resource-type";
import type { Attributes } from "../../values";
import { check, isSet, lengthBetween, optionalText, policyJson, text } from "./attributes";
import type { AwsConnection } from "./connection";
import { onlyModelled, onlyOff } from "./modelled";
import { keepSamePolicy, readPolicy } from "./policy-json";
import { importedRegion, planRegion, regionOf } from "./region";
import { allTags, changeTags, planTags, readTags } from "./tags";

// Facts: internal/service/kms/key.go of hashicorp/terraform-provider-aws.

const TYPE = "aws_kms_key";
const DEFAULTS = {
  bypass_policy_lockout_safety_check: false,
  customer_master_key_spec: "SYMMETRIC_DEFAULT",
  enable_key_rotation: false,
  is_enabled: true,
  key_usage: "ENCRYPT_DECRYPT",
};
const MODELLED = [
  ...Object.keys(DEFAULTS),
  ...["arn", "deletion_window_in_days", "description", "id", "key_id", "multi_region", "policy", "region"],
  ...["rotation_period_in_days", "tags", "tags_all", "timeouts"],
];
const WINDOW = { min: 7, max: 30 };

function stateOf(connection: AwsConnection, key: KeyState, state: Attributes): Attributes {
  return {
    ...DEFAULTS,
    id: key.keyId,
    arn: key.arn,
    bypass_policy_lockout_safety_check: state.bypass_policy_lockout_safety_check ?? false,
    deletion_window_in_days: state.deletion_window_in_days ?? null,
    description: key.description,
    enable_key_rotation: key.rotationDays !== null,
    is_enabled: key.enabled,
    key_id: key.keyId,
    multi_region: false,
    policy: readPolicy(state, "policy", key.policy),
    region: key.region,
    rotation_period_in_days: key.rotationDays,
    ...readTags(connection, state, key.tags),
  };
}

const find = (connection: AwsConnection, state: Attributes): KeyState | undefined => {
  const key = connection.account.keys.find(regionOf(connection, state), text(state, "id"));
  // A key that waits for its deletion counts as deleted.
  return key?.deletionDate === null ? key : undefined;
};

/** Rotation and state, each by a request where it differs; a key is switched on first and off last. */
async function settle({ account: { keys } }: AwsConnection, key: KeyState, planned: Attributes): Promise<void> {
  const { arn, enabled, rotationDays } = { ...key };
  const days = typeof planned.rotation_period_in_days === "number" ? planned.rotation_period_in_days : undefined;
  const [rotates, wanted] = [isSet(planned, "enable_key_rotation"), isSet(planned, "is_enabled")];
  if (wanted && !enabled) await keys.enable(arn);
  if (rotates && (rotationDays === null || (days !== undefined && days !== rotationDays))) {
    await keys.enableRotation(arn, days);
  }
  if (!rotates && rotationDays !== null) await keys.disableRotation(arn);
  if (!wanted && enabled) await keys.disable(arn);
}

export const kmsKey: ResourceType<AwsConnection> = {
  defaults: DEFAULTS,
  forceNew: ["customer_master_key_spec", "key_usage", "multi_region", "region"],
  // The provider plans the old number of days, which then come out otherwise; here they are unknown.
  recomputedWhen: { rotation_period_in_days: ["enable_key_rotation"] },
  validate(config) {
    const days = config.deletion_window_in_days;
    const outside = typeof days === "number" && (days < WINDOW.min || days > WINDOW.max);
    return [
      ...onlyModelled(TYPE, config, MODELLED),
      ...onlyOff(TYPE, config, "multi_region"),
      ...check(config, {
        customer_master_key_spec: only("SYMMETRIC_DEFAULT"),
        description: lengthBetween(0, 8_192),
        key_usage: only("ENCRYPT_DECRYPT"),
        policy: policyJson,
      }),
      ...(outside
        ? [
            {
              summary: "Invalid value",
              detail: `expected deletion_window_in_days to be in the range (${WINDOW.min} - ${WINDOW.max}), got ${days}`,
              path: ["deletion_window_in_days"],
            },
          ]
        : []),
    ];
  },
  plan(connection, change) {
    planTags(connection, change);
    planRegion(connection, change);
    keepSamePolicy("policy", change);
    return [];
  },
  async create(connection, planned) {
    const { keys } = connection.account;
    const key = await keys.create({
      region: regionOf(connection, planned),
      description: optionalText(planned, "description"),
      policy: optionalText(planned, "policy"),
      bypassPolicyLockoutSafetyCheck: isSet(planned, "bypass_policy_lockout_safety_check"),
      tags: allTags(connection, planned),
    });
    try {
      await settle(connection, key, planned);
    } catch (error) {
      throw new PartiallyCreated(stateOf(connection, key, planned), error);
    }
    return stateOf(connection, key, planned);
  },
  read(connection, state) {
    const found = find(connection, state);
    return found && stateOf(connection, found, state);
  },
  async update(connection, planned, prior) {
    const { keys } = connection.account;
    const key = find(connection, prior);
    if (!key) throw new Error(`the key ${text(prior, "id")} is gone`);
    await settle(connection, key, planned);
    const [description, policy] = [optionalText(planned, "description") ?? "", optionalText(planned, "policy")];
    if (description !== key.description) await keys.updateDescription(key.arn, description);
    if (policy !== undefined && policy !== prior.policy) {
      await keys.putPolicy(key.arn, policy, isSet(planned, "bypass_policy_lockout_safety_check"));
    }
    await changeTags(key.tags, allTags(connection, planned), {
      untag: (names) => keys.untag(key.arn, names),
      tag: (tags) => keys.tag(key.arn, tags),
    });
    return stateOf(connection, key, planned);
  },
  async delete(connection, state) {
    const key = find(connection, state);
    const days = state.deletion_window_in_days;
    if (key) await connection.account.keys.scheduleDeletion(key.arn, typeof days === "number" ? days : undefined);
  },
  import: importedRegion,
};

const only = (known: string) => (value: string) =>
  value === known ? undefined : `is ${value}, and the local cloud knows ${known} alone`;
