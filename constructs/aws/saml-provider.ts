import { IamSamlProvider } from "@cdktf/provider-aws/lib/iam-saml-provider";
import { type Precondition, Token } from "cdktf";
import { Construct, type IConstruct } from "constructs";
import { check } from "../check";
import type { Partition } from "../clouds";

/** Where in AWS something is made: ARNs are computed from it, so that Entra never waits for AWS. */
export interface AwsAccount {
  readonly partition: Partition;
  /** 12 digits, as a string: leading zeros count. */
  readonly accountId: string;
}

export interface SamlProviderProps {
  readonly account: AwsAccount;
  /** Federation metadata with every certificate that Entra may sign with. A change updates the provider in place; its ARN stays. */
  readonly metadata: string;
  /**
   * Name of the identity provider in IAM, 1 to 128 letters, digits, `.`, `_` or `-`. Another name is another provider: all roles
   * and app roles change with it.
   * @default "MicrosoftEntraID"
   */
  readonly name?: string;
  /** What must hold before the metadata is written. */
  readonly preconditions?: readonly Precondition[];
}

/** An IAM identity provider that a role can trust: one that is made here, or one that is there. */
export interface ISamlProvider extends IConstruct {
  readonly arn: string;
  /** The L1 underneath; absent where somebody else makes it. */
  readonly resource?: IamSamlProvider;
}

/** The IAM identity provider that stands for the Entra application in an AWS account. */
export class SamlProvider extends Construct implements ISamlProvider {
  /** ARN, computed from account and name. */
  readonly arn: string;
  /** The L1 underneath, for what this construct does not model. */
  readonly resource: IamSamlProvider;

  /** The name that is used where none is given. */
  static readonly defaultName = "MicrosoftEntraID";

  /** The ARN that a provider of this name has in this account. */
  static arnOf({ partition, accountId }: AwsAccount, name = SamlProvider.defaultName): string {
    return `arn:${partition}:iam::${accountId}:saml-provider/${name}`;
  }

  /** An identity provider that somebody else makes and keeps, by its ARN: roles trust it, and nothing here changes it. */
  static fromArn(scope: Construct, id: string, arn: string): ISamlProvider {
    const existing = Object.assign(new Construct(scope, id), { arn });
    check(existing, "arn", arn).matches(
      /^arn:[a-z-]+:iam::\d{12}:saml-provider\/[A-Za-z0-9._-]{1,128}$/,
      "IAM has ARNs like arn:aws:iam::123456789012:saml-provider/Name; copy it from IAM > Identity providers",
    );
    return existing;
  }

  constructor(scope: Construct, id: string, props: SamlProviderProps) {
    super(scope, id);
    const name = props.name ?? SamlProvider.defaultName;
    check(this, "samlProviderName", name).matches(
      /^[A-Za-z0-9._-]{1,128}$/,
      "IAM takes 1 to 128 letters, digits, '.', '_' and '-'; choose such a name",
    );
    // A document with tokens has its length only after apply; the certificate alone then brings it over 1,000.
    const known = !Token.isUnresolved(props.metadata);
    check(this, "metadata length", props.metadata.length).must(
      !known || (props.metadata.length >= 1_000 && props.metadata.length <= 10_000_000),
      "IAM takes 1,000 to 10,000,000 characters; pass the whole federation metadata document",
    );
    this.arn = SamlProvider.arnOf(props.account, name);
    this.resource = new IamSamlProvider(this, "Resource", {
      name,
      samlMetadataDocument: props.metadata,
      lifecycle: props.preconditions?.length ? { precondition: [...props.preconditions] } : undefined,
    });
  }
}
