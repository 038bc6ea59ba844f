import { entityAlreadyExists, limitExceeded, noSuchEntity } from "./errors";
import type { Iam } from "./iam";
import { checkSamlProviderName, type Tags, withoutTags, withTags } from "./names";
import { parseSamlMetadata, type SamlMetadata } from "./saml-metadata";

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
export class SamlProviders {
  constructor(private readonly iam: Iam) {}

  list(): readonly Readonly<SamlProviderState>[] {
    return Object.values(this.iam.state.samlProviders);
  }

  find(arn: string): Readonly<SamlProviderState> | undefined {
    return this.iam.state.samlProviders[arn];
  }

  get(arn: string): Readonly<SamlProviderState> {
    return this.own(arn);
  }

  create(request: { name: string; samlMetadataDocument: string; tags?: Tags }): Promise<Readonly<SamlProviderState>> {
    const { name, samlMetadataDocument, tags = {} } = request;
    const arn = this.iam.arn(`saml-provider/${name}`);
    const providers = this.iam.state.samlProviders;
    return this.iam.mutate("CreateSAMLProvider", arn, () => {
      checkSamlProviderName(name);
      const metadata = parseSamlMetadata(samlMetadataDocument);
      if (providers[arn]) throw entityAlreadyExists(`A SAML provider with name ${name} already exists.`);
      if (this.list().length >= MAX_PROVIDERS) {
        throw limitExceeded(`Cannot exceed quota for SAMLProvidersPerAccount: ${MAX_PROVIDERS}`);
      }
      const provider: SamlProviderState = {
        arn,
        name,
        samlMetadataDocument,
        metadata,
        createDate: this.iam.now(),
        tags: withTags({}, tags),
      };
      providers[arn] = provider;
      return provider;
    });
  }

  /** Puts new metadata in place of the old; name and ARN stay, so no role changes. */
  update(arn: string, samlMetadataDocument: string): Promise<void> {
    return this.iam.mutate("UpdateSAMLProvider", arn, () => {
      const metadata = parseSamlMetadata(samlMetadataDocument);
      Object.assign(this.own(arn), { samlMetadataDocument, metadata });
    });
  }

  /** Roles that trust the provider stay as they are; nobody gets in through them any more (API_DeleteSAMLProvider). */
  delete(arn: string): Promise<void> {
    return this.iam.mutate("DeleteSAMLProvider", arn, () => {
      this.own(arn);
      delete this.iam.state.samlProviders[arn];
    });
  }

  tag(arn: string, tags: Tags): Promise<void> {
    return this.iam.mutate("TagSAMLProvider", arn, () => {
      const provider = this.own(arn);
      provider.tags = withTags(provider.tags, tags);
    });
  }

  untag(arn: string, keys: readonly string[]): Promise<void> {
    return this.iam.mutate("UntagSAMLProvider", arn, () => {
      const provider = this.own(arn);
      provider.tags = withoutTags(provider.tags, keys);
    });
  }

  private own(arn: string): SamlProviderState {
    const provider = this.iam.state.samlProviders[arn];
    if (!provider) throw noSuchEntity(`The SAML provider ${arn} cannot be found.`);
    return provider;
  }
}

/** `ValidUntil` of GetSAMLProvider: the metadata's own, else far ahead (assumption aws-valid-until). */
export function validUntil(provider: Pick<SamlProviderState, "metadata" | "createDate">): string {
  const { metadata, createDate } = provider;
  if (metadata.validUntil) return `${metadata.validUntil.slice(0, 19)}Z`;
  return `${Number(createDate.slice(0, 4)) + YEARS_WITHOUT_VALID_UNTIL}${createDate.slice(4)}`;
}
