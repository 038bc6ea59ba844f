import { entityAlreadyExists, limitExceeded, noSuchEntity } from "./errors";
import { checkSamlProviderName, type Tags, withTags } from "./names";
import { parseSamlMetadata, type SamlMetadata } from "./saml-metadata";
import { type AccountContext, Collection } from "./service";

export interface SamlProviderState {
  arn: string;
  name: string;
  samlMetadataDocument: string;
  /** The document as it was read when it was uploaded. */
  metadata: SamlMetadata;
  createDate: string;
  tags: Tags;
}

/** "SAML providers per account: 100" (reference_iam-quotas). */
const MAX_PROVIDERS = 100;
const YEARS_WITHOUT_VALID_UNTIL = 100;

/** The account's SAML identity providers, by ARN. */
export class SamlProviders extends Collection<SamlProviderState> {
  constructor(context: AccountContext, providers: Record<string, SamlProviderState>) {
    super("iam", context, providers, {
      notFound: (arn) => noSuchEntity(`The SAML provider ${arn} cannot be found.`),
      tagging: ["TagSAMLProvider", "UntagSAMLProvider"],
    });
  }

  // Assumption aws-saml-provider-name, never checked: Names of SAML providers differ when only their case differs.
  create(request: { name: string; samlMetadataDocument: string; tags?: Tags }): Promise<Readonly<SamlProviderState>> {
    const { name, samlMetadataDocument, tags = {} } = request;
    const arn = this.arn("", `saml-provider/${name}`);
    return this.mutate("CreateSAMLProvider", arn, () => {
      checkSamlProviderName(name);
      const metadata = parseSamlMetadata(samlMetadataDocument);
      if (this.find(arn)) throw entityAlreadyExists(`A SAML provider with name ${name} already exists.`);
      if (this.list().length >= MAX_PROVIDERS) {
        throw limitExceeded(`Cannot exceed quota for SAMLProvidersPerAccount: ${MAX_PROVIDERS}`);
      }
      const provider: SamlProviderState = {
        arn,
        name,
        samlMetadataDocument,
        metadata,
        createDate: this.now(),
        tags: withTags({}, tags),
      };
      this.items.rows[arn] = provider;
      return provider;
    });
  }

  /** Puts new metadata in place of the old; name and ARN stay, so no role changes. */
  update(arn: string, samlMetadataDocument: string): Promise<void> {
    return this.items.change("UpdateSAMLProvider", arn, (provider) => {
      Object.assign(provider, { samlMetadataDocument, metadata: parseSamlMetadata(samlMetadataDocument) });
    });
  }

  /** Roles that trust the provider stay as they are; nobody gets in through them any more (API_DeleteSAMLProvider). */
  delete(arn: string): Promise<void> {
    return this.items.remove("DeleteSAMLProvider", arn);
  }
}

// Assumption aws-valid-until, never checked: GetSAMLProvider answers the validUntil of the metadata, or a date 100 years after creation
// where the metadata has none.
/** `ValidUntil` of GetSAMLProvider: the metadata's own, else far ahead (assumption aws-valid-until). */
export function validUntil(provider: Pick<SamlProviderState, "metadata" | "createDate">): string {
  const { metadata, createDate } = provider;
  if (metadata.validUntil) return `${metadata.validUntil.slice(0, 19)}Z`;
  return `${Number(createDate.slice(0, 4)) + YEARS_WITHOUT_VALID_UNTIL}${createDate.slice(4)}`;
}
