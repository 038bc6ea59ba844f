import { ClaimsMappingPolicy } from "@cdktf/provider-azuread/lib/claims-mapping-policy";
import { ServicePrincipalClaimsMappingPolicyAssignment } from "@cdktf/provider-azuread/lib/service-principal-claims-mapping-policy-assignment";
import { ServicePrincipalTokenSigningCertificate } from "@cdktf/provider-azuread/lib/service-principal-token-signing-certificate";
import { Fn, type Precondition, type TerraformResourceLifecycle, TerraformStack } from "cdktf";
import { Construct } from "constructs";
import type { SamlProvider } from "../aws/saml-provider";
import { check } from "../check";
import { claimsMapping, type RoleSessionName } from "../claims";
import { writesHcl } from "../hcl";
import type { IEnterpriseApp } from "./enterprise-app";
import { DataMsgraphResource, MsgraphUpdateResource } from "./msgraph";
import { federationMetadata } from "./saml-metadata";

/**
 * The signing certificates of an application. All of `certificates` are published to AWS; Entra signs with `active`. A rotation
 * takes three deploys, and people sign in throughout: add the next certificate, make it active, move the old one to `retired`.
 */
export interface SigningRing {
  /** Name of the certificate that Entra signs with. */
  readonly active: string;
  /**
   * End dates by name, `{ c2026: "2028-11-30" }`, midnight UTC, the oldest certificate first. Entra takes at most three years. A name is
   * for ever: another date is another name, and a plan stops where Entra has another date than this.
   */
  readonly certificates: Readonly<Record<string, string>>;
  /**
   * Names of certificates that Terraform is to forget. They are not deleted: with two certificates there, the provider would
   * delete the wrong one. Delete them in the Entra admin center after that deploy; then the name can leave this list.
   * @default - none
   */
  readonly retired?: readonly string[];
  /**
   * `automatic` makes `active` the certificate that Entra signs with, by the microsoft/msgraph provider (a preview), and keeps a
   * plan from writing metadata to AWS without it. `manual` leaves both to a person, and msgraph out of the stack.
   * @default "automatic"
   */
  readonly activation?: "automatic" | "manual";
}

/** How the person and the session are named to AWS. */
export interface ClaimsOptions {
  /**
   * What AWS shows and logs as the name of the session.
   * @default "userPrincipalName"
   */
  readonly roleSessionName?: RoleSessionName;
  /**
   * Length of a console session, in seconds, 900 (15 min) to 43200 (12 h), at most the shortest `maxSessionDurationSec` of the roles.
   * @default 3600
   */
  readonly sessionDurationSec?: number;
}

export interface SamlSignOnProps extends ClaimsOptions {
  readonly app: IEnterpriseApp;
  /** The AWS account that the application is for; the display name ends with it. */
  readonly accountId: string;
  readonly signing: SigningRing;
  /** Issuer of the tenant's assertions. */
  readonly issuer: string;
  /** SAML sign-in and sign-out URL of the tenant. */
  readonly signInUrl: string;
}

const CERTIFICATE_NAME = /^[a-z][a-z0-9_]*$/;
const YEAR_MS = 365.25 * 24 * 3600 * 1000;

/** The single sign-on settings of an enterprise application: signing certificates, the metadata made from them, claims. */
export class SamlSignOn extends Construct {
  /** Federation metadata with every certificate of the ring. */
  readonly metadata: string;
  /** The certificates of the ring by name. */
  readonly certificates: ReadonlyMap<string, ServicePrincipalTokenSigningCertificate>;
  /** Length of a console session that the claim asks for, in seconds. */
  readonly sessionDurationSec: number;
  /**
   * Must hold before the metadata is written to AWS: the certificate that Entra signs with at the moment is in it, and no certificate
   * is about to be deleted because it left the ring without being retired.
   */
  readonly preconditions: readonly Precondition[];
  /**
   * Display names that the application has in Entra at plan time, found by its identifier: the one it had before a rename. An expression;
   * nothing while a person activates certificates, since nobody then looks.
   */
  readonly displayNamesNow?: string;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: SamlSignOnProps,
  ) {
    super(scope, id);
    this.sessionDurationSec = props.sessionDurationSec ?? 3600;
    this.check(props.signing);

    const { servicePrincipal, displayName } = props.app;
    const certificates = new Map<string, ServicePrincipalTokenSigningCertificate>();
    for (const [name, endDate] of Object.entries(props.signing.certificates)) {
      // A name that was refused may be one that a construct in here has already.
      if (!CERTIFICATE_NAME.test(name)) continue;
      const before = [...certificates.values()].at(-1);
      const certificate = new ServicePrincipalTokenSigningCertificate(this, name, {
        servicePrincipalId: servicePrincipal.id,
        displayName: this.subject(name),
        endDate: `${endDate}T00:00:00Z`,
        // The provider picks the key to delete by its position: right for the newest alone, and never for two at once
        // (service_principal_token_signing_certificate_resource.go, Delete). What is listed later is destroyed sooner.
        dependsOn: before && [before],
        lifecycle: this.keepCertificate(name, endDate, before),
      });
      certificate.overrideLogicalId(`signing_certificate_${name}`);
      certificates.set(name, certificate);
    }
    this.certificates = certificates;
    this.forgetRetired(props.signing.retired ?? []);
    this.metadata = federationMetadata({
      issuer: props.issuer,
      signInUrl: props.signInUrl,
      // The provider marks the certificate as sensitive together with its private fields; it is public by nature.
      certificates: [...this.certificates.values()].map((certificate) => Fn.nonsensitive(certificate.value)),
    });
    const policy = new ClaimsMappingPolicy(this, "Claims", {
      displayName: `${displayName} claims`,
      definition: [claimsMapping(props.roleSessionName ?? "userPrincipalName", this.sessionDurationSec)],
    });
    new ServicePrincipalClaimsMappingPolicyAssignment(this, "ClaimsAssignment", {
      servicePrincipalId: servicePrincipal.id,
      claimsMappingPolicyId: policy.id,
      // Entra refuses sign-ins of an application with custom claims and no signing key of its own (AADSTS50146).
      dependsOn: [...this.certificates.values()],
    });
    const now = props.signing.activation === "manual" || writesHcl(this) ? undefined : this.lookUp();
    this.preconditions = now ? this.guards(now) : [];
    this.displayNamesNow = now && `${now.fqn}.output.names`;
  }

  /**
   * Makes the active certificate the one that Entra signs with, once `provider` has the metadata: AWS must know a certificate before
   * the first assertion that is signed with it.
   */
  activateAfter(provider: SamlProvider): void {
    const certificate = this.certificates.get(this.props.signing.active);
    if (this.props.signing.activation === "manual" || !certificate) return;
    new MsgraphUpdateResource(this, "Activation", {
      url: `servicePrincipals/${this.props.app.servicePrincipal.objectId}`,
      body: { preferredTokenSigningKeyThumbprint: certificate.thumbprint },
      dependsOn: [provider.resource],
    });
  }

  /** The application as Entra has it when the plan is made. */
  private lookUp(): DataMsgraphResource {
    return new DataMsgraphResource(this, "SigningNow", {
      url: "servicePrincipals",
      // By identifier, which is unique in a tenant; a display name is not. Before the first deploy nothing matches.
      queryParameters: {
        $filter: [`servicePrincipalNames/any(n:n eq '${this.props.app.identifier}')`],
        $select: ["id,displayName,preferredTokenSigningKeyThumbprint,keyCredentials"],
      },
      responseExportValues: {
        names: "value[].displayName",
        thumbprints: "value[].preferredTokenSigningKeyThumbprint",
        certificates: "value[].keyCredentials[].displayName",
      },
    });
  }

  /** Compares that with what is about to be published. */
  private guards(now: DataMsgraphResource): Precondition[] {
    const { signing } = this.props;
    const published = [...this.certificates.values()].map((certificate) => `upper(${certificate.fqn}.thumbprint)`);
    const known = [...this.certificates.keys(), ...(signing.retired ?? [])].map((name) => `"${name}"`);
    // Company and account may have had other names when the certificate was made; the account id at their end is for ever. What
    // a person named otherwise in the admin center is none of ours.
    const ours = `^CN=.* ${this.props.accountId} (${CERTIFICATE_NAME.source.slice(1, -1)})$`;
    return [
      {
        condition: `\${alltrue([for t in ${now.fqn}.output.thumbprints : contains([${published.join(", ")}], upper(t)) if t != null])}`,
        errorMessage:
          "Entra signs with a certificate that the new metadata would not contain, so nobody could sign in any more. " +
          "Keep it in signing.certificates until another one has been active through a deploy of its own, " +
          "or activate a certificate of the ring by hand first (README: Rotate the signing certificate).",
      },
      {
        condition: `\${alltrue([for n in ${now.fqn}.output.certificates : contains([${known.join(", ")}], regex("${ours}", n)[0]) if n != null && can(regex("${ours}", n))])}`,
        errorMessage:
          "A certificate of this application is in Entra but no longer in signing.certificates. Terraform would try to delete it, and " +
          "the provider deletes the wrong one when there are two. Name it in signing.retired until it is deleted in the Entra admin " +
          "center (README: Rotate the signing certificate).",
      },
    ];
  }

  /**
   * Another subject or date would make the provider delete a certificate, and maybe the wrong one. So a renamed application keeps the
   * subject that its certificates have, and a changed date stops the plan.
   */
  private keepCertificate(
    name: string,
    endDate: string,
    before: ServicePrincipalTokenSigningCertificate | undefined,
  ): TerraformResourceLifecycle {
    const ignoreChanges = ["display_name", "end_date"];
    if (writesHcl(this)) return { ignoreChanges };
    return {
      ignoreChanges,
      postcondition: [
        {
          condition: `\${timecmp(self.end_date, "${endDate}T00:00:00Z") == 0}`,
          errorMessage:
            `Signing certificate ${name} ends on \${substr(self.end_date, 0, 10)} in Entra, and signing.certificates.${name} says ${endDate}. ` +
            "A certificate keeps its date. Put that date back; for another one add a certificate under another name at the end of " +
            "signing.certificates (README: Rotate the signing certificate).",
        },
        // Of a certificate that is only being made the start is not known at plan: then the deploy stops, before AWS has it.
        ...(before
          ? [
              {
                condition: `\${timecmp(self.start_date, ${before.fqn}.start_date) >= 0}`,
                errorMessage:
                  `Signing certificate ${name} is older than the one listed before it. A destroy goes backwards through signing.certificates ` +
                  "and fails where the newest is not last: list the certificates in the order in which they were made, and deploy again.",
              },
            ]
          : []),
      ],
    };
  }

  /** Subject of a new certificate: names of its day, then what never changes, by which it is found again in Entra. */
  private subject(name: string): string {
    return `CN=${this.props.app.displayName} ${name}`;
  }

  private forgetRetired(retired: readonly string[]): void {
    if (retired.length === 0) return;
    // One list a stack: a second override would replace the first silently.
    TerraformStack.of(this).addOverride(
      "removed",
      [...new Set(retired)].sort().map((name) => ({
        from: `${ServicePrincipalTokenSigningCertificate.tfResourceType}.signing_certificate_${name}`,
        lifecycle: { destroy: false },
      })),
    );
    check(this, "signing.retired", retired).must(
      !writesHcl(this),
      "synth --hcl drops 'removed' blocks, and Terraform would delete the wrong certificate; synthesize JSON, or deploy once and empty signing.retired first",
    );
  }

  private check({ active, certificates, retired = [] }: SigningRing): void {
    const names = Object.keys(certificates);
    const claimed = this.sessionDurationSec;
    check(this, "sessionDurationSec", claimed).must(
      Number.isInteger(claimed) && claimed >= 900 && claimed <= 43_200,
      "AWS takes 900 (15 min) to 43200 (12 h); choose a number of seconds between them",
    );
    check(this, "signing.active", active).must(
      names.includes(active),
      `the ring has ${names.join(", ") || "no certificate"}; name one of signing.certificates`,
    );
    for (const name of [...names, ...retired]) {
      check(this, "certificate name", name).matches(
        CERTIFICATE_NAME,
        "Terraform addresses take a lower-case letter, then letters, digits or '_'; rename it before its first deploy",
      );
    }
    for (const name of retired) {
      check(this, "signing.retired", name).must(
        !names.includes(name),
        "signing.certificates has the same name; keep it in one of the two",
      );
    }
    for (const [name, endDate] of Object.entries(certificates))
      this.checkEndDate(`signing.certificates.${name}`, endDate, name === active);
  }

  private checkEndDate(prop: string, endDate: string, active: boolean): void {
    const end = new Date(`${endDate}T00:00:00Z`);
    const real =
      /^\d{4}-\d{2}-\d{2}$/.test(endDate) && !Number.isNaN(end.getTime()) && end.toISOString().startsWith(endDate);
    check(this, prop, endDate).must(real, "Terraform takes a day of the calendar as YYYY-MM-DD; correct it");
    if (!real) return;
    // Only warnings: an old certificate of one account must not stop the synth of all the others.
    const years = (end.getTime() - Date.now()) / YEAR_MS;
    check(this, prop, endDate).should(
      years <= 3,
      "Entra takes at most three years from the day of the deploy; choose an earlier day for a new certificate",
    );
    check(this, prop, endDate).should(
      years > 0 || !active,
      "that is past, and this certificate is the active one; rotate it",
    );
    check(this, prop, endDate).should(
      years <= 0 || years > 60 / 365.25 || !active,
      "less than 60 days ahead; plan the rotation",
    );
  }
}
