import type { PolicyState } from "../../../cloud/aws/policies";
import type { ResourceType } from "../../resource-type";
import type { Attributes } from "../../values";
import { check, conflict, optionalText, policyJson, resourceName, text } from "./attributes";
import type { AwsConnection } from "./connection";
import { chosenName, prefixLength, prefixOf } from "./names";
import { keepSamePolicy, readPolicy } from "./policy-json";
import { allTags, changeTags, planTags, readTags } from "./tags";

// Facts: internal/service/iam/policy.go of hashicorp/terraform-provider-aws.

const MAX_NAME = 128;
const MAX_VERSIONS = 5;

function stateOf(connection: AwsConnection, policy: PolicyState, state: Attributes): Attributes {
  const { policies } = connection.account;
  return {
    id: policy.arn,
    arn: policy.arn,
    attachment_count: policies.attachmentCount(policy.arn),
    description: policy.description || null,
    name: policy.name,
    name_prefix: prefixOf(policy.name),
    path: policy.path,
    policy: readPolicy(state, "policy", policies.document(policy.arn) ?? ""),
    policy_id: policy.id,
    ...readTags(connection, state, policy.tags),
  };
}

export const policy: ResourceType<AwsConnection> = {
  defaults: { path: "/" },
  forceNew: ["description", "name", "name_prefix", "path"],
  validate: (config) => [
    ...conflict(config, "name", "name_prefix"),
    ...check(config, {
      name: resourceName(MAX_NAME),
      name_prefix: resourceName(prefixLength(MAX_NAME)),
      policy: policyJson,
    }),
  ],
  plan(connection, change) {
    planTags(connection, change);
    keepSamePolicy("policy", change);
    return [];
  },
  async create(connection, planned) {
    const created = await connection.account.policies.create({
      name: chosenName(planned),
      path: text(planned, "path"),
      document: text(planned, "policy"),
      description: optionalText(planned, "description") ?? "",
      tags: allTags(connection, planned),
    });
    return stateOf(connection, created, planned);
  },
  read(connection, state) {
    const found = connection.account.policies.find(text(state, "id"));
    return found && stateOf(connection, found, state);
  },
  async update(connection, planned, prior) {
    const { policies } = connection.account;
    const arn = text(prior, "id");
    if (planned.policy !== prior.policy) {
      await makeRoom(connection, arn);
      // Two requests: the provider makes the version first and puts it in force afterwards.
      const { versionId } = await policies.createVersion(arn, text(planned, "policy"));
      await policies.setDefaultVersion(arn, versionId);
    }
    await changeTags(policies.get(arn).tags, allTags(connection, planned), {
      untag: (keys) => policies.untag(arn, keys),
      tag: (tags) => policies.tag(arn, tags),
    });
    // Attachments come and go with other resources; the next refresh counts them.
    return { ...stateOf(connection, policies.get(arn), planned), attachment_count: planned.attachment_count ?? null };
  },
  async delete({ account: { policies } }, state) {
    const found = policies.find(text(state, "id"));
    if (!found) return;
    for (const { versionId } of found.versions) {
      if (versionId !== found.defaultVersionId) await policies.deleteVersion(found.arn, versionId);
    }
    await policies.delete(found.arn);
  },
  import: (_, id) => ({ id }),
};

/** Deletes the oldest version that is not in force when there are as many as IAM keeps. */
async function makeRoom({ account: { policies } }: AwsConnection, arn: string): Promise<void> {
  const { versions, defaultVersionId } = policies.get(arn);
  const oldest = versions.find(({ versionId }) => versionId !== defaultVersionId);
  if (versions.length >= MAX_VERSIONS && oldest) await policies.deleteVersion(arn, oldest.versionId);
}
