import { parseSamlMetadata } from "../../../cloud/aws/saml-metadata";
import { type SamlProviderState, validUntil } from "../../../cloud/aws/saml-providers";
import type { ResourceType } from "../../resource-type";
import type { Attributes } from "../../values";
import { check, lengthBetween, text } from "./attributes";
import type { AwsConnection } from "./connection";
import { allTags, changeTags, planTags, readTags } from "./tags";

// Facts: internal/service/iam/saml_provider.go of hashicorp/terraform-provider-aws.

function stateOf(connection: AwsConnection, provider: SamlProviderState, state: Attributes): Attributes {
  return {
    id: provider.arn,
    arn: provider.arn,
    name: provider.name,
    saml_metadata_document: provider.samlMetadataDocument,
    valid_until: validUntil(provider),
    ...readTags(connection, state, provider.tags),
  };
}

export const samlProvider: ResourceType<AwsConnection> = {
  forceNew: ["name"],
  validate: (config) =>
    check(config, { name: lengthBetween(1, 128), saml_metadata_document: lengthBetween(1_000, 10_000_000) }),
  plan(connection, change) {
    planTags(connection, change);
    const { prior, planned } = change;
    const document = planned.saml_metadata_document;
    const held = prior && connection.account.samlProvider(text(prior, "id"));
    // New metadata may bring its own end: told now, as the plan has to hold.
    if (held && typeof document === "string" && document !== held.samlMetadataDocument) {
      try {
        planned.valid_until = validUntil({ ...held, metadata: parseSamlMetadata(document) });
      } catch {
        // What IAM thinks of the document is for the apply to say, as with the real provider.
      }
    }
    return [];
  },
  async create(connection, planned) {
    const provider = await connection.account.samlProviders.create({
      name: text(planned, "name"),
      samlMetadataDocument: text(planned, "saml_metadata_document"),
      tags: allTags(connection, planned),
    });
    return stateOf(connection, provider, planned);
  },
  read(connection, state) {
    const provider = connection.account.samlProviders.find(text(state, "id"));
    return provider && stateOf(connection, provider, state);
  },
  async update(connection, planned, prior) {
    const { samlProviders } = connection.account;
    const arn = text(prior, "id");
    const document = text(planned, "saml_metadata_document");
    if (document !== prior.saml_metadata_document) await samlProviders.update(arn, document);
    await changeTags(samlProviders.get(arn).tags, allTags(connection, planned), {
      untag: (keys) => samlProviders.untag(arn, keys),
      tag: (tags) => samlProviders.tag(arn, tags),
    });
    return stateOf(connection, samlProviders.get(arn), planned);
  },
  async delete({ account }, state) {
    const arn = text(state, "id");
    if (account.samlProviders.find(arn)) await account.samlProviders.delete(arn);
  },
  import: (_, id) => ({ id }),
};
