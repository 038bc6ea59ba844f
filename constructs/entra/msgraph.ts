import { TerraformDataSource, type TerraformMetaArguments, TerraformProvider, TerraformResource } from "cdktf";
import type { Construct } from "constructs";

/**
 * The part of the `microsoft/msgraph` provider that is needed here, which has no published bindings: one property that no azuread
 * resource has, `preferredTokenSigningKeyThumbprint` (hashicorp/terraform-provider-azuread#823).
 */
export const MSGRAPH_VERSION = "0.3.0";
const GENERATED_FROM = { providerName: "msgraph", providerVersionConstraint: MSGRAPH_VERSION };

export interface MsgraphProviderConfig {
  readonly tenantId: string;
  readonly useOidc?: boolean;
  readonly useCli?: boolean;
}

export class MsgraphProvider extends TerraformProvider {
  constructor(
    scope: Construct,
    id: string,
    private readonly config: MsgraphProviderConfig,
  ) {
    super(scope, id, {
      terraformResourceType: "msgraph",
      terraformGeneratorMetadata: GENERATED_FROM,
      terraformProviderSource: "microsoft/msgraph",
    });
  }

  protected override synthesizeAttributes() {
    return { tenant_id: this.config.tenantId, use_oidc: this.config.useOidc, use_cli: this.config.useCli };
  }

  protected override synthesizeHclAttributes() {
    return hcl(this.synthesizeAttributes());
  }
}

export interface MsgraphUpdateResourceConfig extends TerraformMetaArguments {
  /** Path of the object: `servicePrincipals/<object id>`. */
  readonly url: string;
  /** Properties to set, in Graph's spelling. */
  readonly body: Readonly<Record<string, unknown>>;
  /** OData query parameters of the read that looks for changes by hand. @default - none */
  readonly readQueryParameters?: Readonly<Record<string, readonly string[]>>;
  /** `false`: a property that Graph does not show any more is a difference. @default true */
  readonly ignoreMissingProperty?: boolean;
}

/** Sets properties of an object in Microsoft Graph that something else made. Its destruction leaves the object as it is. */
export class MsgraphUpdateResource extends TerraformResource {
  static readonly tfResourceType = "msgraph_update_resource";

  constructor(
    scope: Construct,
    id: string,
    private readonly config: MsgraphUpdateResourceConfig,
  ) {
    super(scope, id, {
      ...config,
      terraformResourceType: MsgraphUpdateResource.tfResourceType,
      terraformGeneratorMetadata: GENERATED_FROM,
    });
  }

  protected override synthesizeAttributes() {
    return {
      url: this.config.url,
      body: this.config.body,
      read_query_parameters: this.config.readQueryParameters,
      ignore_missing_property: this.config.ignoreMissingProperty,
    };
  }

  protected override synthesizeHclAttributes() {
    return hcl(this.synthesizeAttributes());
  }
}

export interface MsgraphResourceConfig extends TerraformMetaArguments {
  /** Path of an object or a collection: `servicePrincipals`. */
  readonly url: string;
  /** OData query parameters: `{ $filter: ["…"] }`. */
  readonly queryParameters: Readonly<Record<string, readonly string[]>>;
  /** Headers of the request: `{ ConsistencyLevel: "eventual" }` for advanced queries. @default - none */
  readonly headers?: Readonly<Record<string, string>>;
  /** What to keep of the answer: a name and a JMESPath expression. */
  readonly responseExportValues: Readonly<Record<string, string>>;
}

/** Reads an object or a collection from Microsoft Graph. A collection without a match is empty, not an error. */
export class DataMsgraphResource extends TerraformDataSource {
  static readonly tfResourceType = "msgraph_resource";

  constructor(
    scope: Construct,
    id: string,
    private readonly config: MsgraphResourceConfig,
  ) {
    super(scope, id, {
      ...config,
      terraformResourceType: DataMsgraphResource.tfResourceType,
      terraformGeneratorMetadata: GENERATED_FROM,
    });
  }

  protected override synthesizeAttributes() {
    return {
      url: this.config.url,
      query_parameters: this.config.queryParameters,
      headers: this.config.headers,
      response_export_values: this.config.responseExportValues,
    };
  }

  protected override synthesizeHclAttributes() {
    return hcl(this.synthesizeAttributes());
  }
}

/** The same attributes for `cdktf synth --hcl`, which wants to be told that each is an attribute and no block. */
function hcl(attributes: Readonly<Record<string, unknown>>) {
  return Object.fromEntries(
    Object.entries(attributes)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [
        name,
        { value, isBlock: false, type: "any", storageClassType: typeof value === "object" ? "anyMap" : typeof value },
      ]),
  );
}
