/**
 * Endpoints, issuer, login host and identifier: the one table of what AWS and Entra must both be told.
 * A pair of partition and Entra cloud without a public source is not in it, and is refused at synth.
 */

/** AWS partition, as it stands in an ARN. */
export type Partition = "aws" | "aws-cn" | "aws-us-gov";

/** National cloud that the Entra tenant lives in. */
export type EntraCloud = "public" | "usgovernment" | "china";

interface AwsSide {
  /** Sign-in endpoint without a region; aws-azure-login and saml2aws send people here. */
  readonly endpoint: string;
  /** Sign-in endpoint of a region; absent where no public page gives its form. */
  readonly regionalEndpoint?: (region: string) => string;
  readonly console: (region: string) => string;
  readonly region: RegExp;
  readonly regionExample: string;
  /** Regions that a new account has enabled; nobody can disable them. */
  readonly defaultRegions: readonly string[];
  /**
   * Region that CloudTrail records the root user's sign-in in, and every call to IAM, whose events are global; absent where no public
   * page names one (GovCloud has no console sign-in of the root user: govcloud-us/latest/UserGuide/accessing-govcloud.html), so that all
   * regions of that partition have to be watched.
   * Sign-ins of IAM users are recorded in any region.
   * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-aws-console-sign-in-events.html
   * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-concepts.html#cloudtrail-concepts-global-service-events
   */
  readonly signInRegion?: string;
  /** Whether Entra's provisioning service can list the roles of an account there. */
  readonly roleImport: boolean;
  readonly source: string;
}

interface EntraSide {
  readonly login: string;
  readonly issuer: (tenantId: string) => string;
  readonly myApps: (clientId: string, tenantId: string) => string;
  readonly source: string;
}

const AWS: Readonly<Record<Partition, AwsSide>> = {
  aws: {
    endpoint: "https://signin.aws.amazon.com/saml",
    // us-east-1 has no address of its own: the endpoint without a region is in us-east-1.
    regionalEndpoint: (region) =>
      region === "us-east-1" ? "https://signin.aws.amazon.com/saml" : `https://${region}.signin.aws.amazon.com/saml`,
    console: (region) => `https://${region}.console.aws.amazon.com/console/home?region=${region}`,
    region: /^(?!cn-|us-gov-|us-iso|eu-isoe)[a-z]{2}(-[a-z]+)+-\d$/,
    regionExample: "eu-west-1",
    // https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-regions.html: what came before 20 March 2019
    defaultRegions: [
      "ap-northeast-1",
      "ap-northeast-2",
      "ap-northeast-3",
      "ap-south-1",
      "ap-southeast-1",
      "ap-southeast-2",
      "ca-central-1",
      "eu-central-1",
      "eu-north-1",
      "eu-west-1",
      "eu-west-2",
      "eu-west-3",
      "sa-east-1",
      "us-east-1",
      "us-east-2",
      "us-west-1",
      "us-west-2",
    ],
    signInRegion: "us-east-1",
    roleImport: true,
    source: "https://docs.aws.amazon.com/general/latest/gr/signin-service.html",
  },
  "aws-cn": {
    endpoint: "https://signin.amazonaws.cn/saml",
    regionalEndpoint: (region) => `https://${region}.signin.amazonaws.cn/saml`,
    console: (region) => `https://${region}.console.amazonaws.cn/console/home?region=${region}`,
    region: /^cn-[a-z]+-\d$/,
    regionExample: "cn-north-1",
    defaultRegions: ["cn-north-1", "cn-northwest-1"],
    // "can't be used in the AWS China regions": Entra's AWS Single-Account Access tutorial, known issues.
    roleImport: false,
    source: "https://docs.amazonaws.cn/en_us/IAM/latest/UserGuide/id_roles_providers_create_saml_relying-party.html",
  },
  "aws-us-gov": {
    endpoint: "https://signin.amazonaws-us-gov.com/saml",
    console: (region) => `https://${region}.console.amazonaws-us-gov.com/console/home?region=${region}`,
    region: /^us-gov-[a-z]+-\d$/,
    regionExample: "us-gov-west-1",
    defaultRegions: ["us-gov-east-1", "us-gov-west-1"],
    roleImport: true,
    source: "https://docs.aws.amazon.com/govcloud-us/latest/UserGuide/govcloud-iam.html and aws/aws-cdk#28704",
  },
};

const ENTRA: Readonly<Partial<Record<EntraCloud, EntraSide>>> = {
  public: {
    login: "https://login.microsoftonline.com",
    issuer: (tenantId) => `https://sts.windows.net/${tenantId}/`,
    myApps: (clientId, tenantId) => `https://launcher.myapps.microsoft.com/api/signin/${clientId}?tenantId=${tenantId}`,
    source: "https://learn.microsoft.com/entra/identity-platform/federation-metadata",
  },
};

/** The AWS half of the table. */
export function awsCloud(partition: Partition): AwsSide {
  return AWS[partition];
}

/** The Entra half of the table; `undefined` where no public page confirms issuer and login host. */
export function entraCloud(cloud: EntraCloud): EntraSide | undefined {
  return ENTRA[cloud];
}

/** The Entra clouds that can be used, for messages. */
export const knownEntraClouds: readonly string[] = Object.keys(ENTRA);

/**
 * Identifier (Entity ID) of the application for one account. Entra keeps identifiers unique in a tenant and cuts the part
 * from `#` on before it fills in the audience, so every account can have its own.
 * @see https://learn.microsoft.com/entra/identity/saas-apps/amazon-web-service-tutorial
 */
export function identifier(partition: Partition, accountId: string): string {
  return `${AWS[partition].endpoint}#${accountId}`;
}

/**
 * Sign-in endpoints in the order of `regions`, the one without a region always first: aws-azure-login knows no other.
 * They are the reply URLs in Entra and the audiences in the trust policy; never with `#`.
 */
export function signInEndpoints(partition: Partition, regions: readonly string[]): string[] {
  const { endpoint, regionalEndpoint } = AWS[partition];
  return [...new Set([endpoint, ...regions.map((region) => regionalEndpoint?.(region) ?? endpoint)])];
}
