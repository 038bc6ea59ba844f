import { ACCOUNT_PARTS, ACCOUNT_TOLD, accountLines } from "./access-account";
import { conditionalAccessLines, onlySetsAttributes } from "./access-conditional-access";
import { eligibilityLines, protectionLines } from "./access-eligibility";
import { onlyDenies, policyName, statements } from "./access-policies";
import {
  asBody,
  asJson,
  chain,
  count,
  decoded,
  duration,
  indexed,
  list,
  nameOf,
  type Stack,
  unread,
} from "./access-stack";
import { parseMetadata } from "./saml-metadata";
import type { Block, Body, StackJson } from "./stack-json";

/**
 * Who gets into an AWS account, as which role, to do what, for how long, and what they must show first: the page that a reviewer
 * of access reads. It is made from the synthesized JSON alone, so it says what Terraform would be told and not what somebody
 * meant. What it does not know, a condition, a statement, an attribute, a resource, it prints as it is.
 */
export function accessReview(json: StackJson): string {
  const stack = indexed(json);
  return [
    ...entryLines(stack),
    ...denialLines(stack),
    ...trustLines(stack),
    ...identityProviderLines(stack),
    ...applicationLines(stack),
    ...claimLines(stack),
    ...iamUserLines(stack),
    ...unheldLines(stack),
    ...accountLines(stack),
    ...conditionalAccessLines(stack),
    ...membershipLines(stack),
    ...eligibilityLines(stack),
    ...protectionLines(stack),
    ...ownerLines(stack),
    ...otherLines(stack),
  ].join("\n");
}

// ---- Entra group -> app role -> AWS role -> permissions -> session

interface AppRole {
  readonly text: string;
  /** `role ARN,provider ARN`; empty for an app role without a value. */
  readonly claim: string;
}

function entryLines(stack: Stack): string[] {
  const assignments = stack.of("azuread_app_role_assignment");
  const assigned = assignments.map((assignment) => ({ assignment, role: assignedRole(stack, assignment) }));
  const claims = new Set(assigned.map(({ role }) => role.claim));
  const unassigned = stack
    .of("azuread_application")
    .flatMap(({ body }) => list(body["app_role"]).map((role) => declaredRole(body, asBody(role))))
    .filter(({ claim }) => claim !== "" && !claims.has(claim));
  const entered = new Set([...claims, ...unassigned.map(({ claim }) => claim)].map((claim) => awsRole(stack, claim)));
  return [
    ...assigned.map(({ assignment, role }) =>
      chain(whoIs(stack, assignment.body["principal_object_id"]), role.text, ...awsSide(stack, role.claim)),
    ),
    ...unassigned.map((role) => chain("nobody in this stack", role.text, ...awsSide(stack, role.claim))),
    ...stack
      .of("aws_iam_role")
      .filter((role) => !entered.has(role))
      .map((role) =>
        chain(
          entered.size > 0 ? "no app role" : "IAM role",
          `${role.body["path"] ?? "/"}${role.body["name"]}`,
          ...mayDo(stack, role),
        ),
      ),
  ];
}

/** Whom a group stands for: its members, or who activates the membership. */
function whoIs(stack: Stack, group: unknown): string {
  const activation = stack
    .of("azuread_group_role_management_policy")
    .find(({ body }) => body["group_id"] === group && body["role_id"] === "member");
  const longest = asBody(activation?.body["activation_rules"])["maximum_duration"] ?? "what Entra says";
  return `${nameOf(stack, group)} (${activation ? `activated for at most ${longest}` : "permanent members"})`;
}

/** By its id where this stack declares the role, by its claim where Entra imports it. */
function assignedRole(stack: Stack, { body }: Block): AppRole {
  const id = String(body["app_role_id"]);
  const claim = /^\$\{local\.\w+\["(arn:[^"]+)"\]\}$/.exec(id)?.[1];
  if (claim) {
    const [role = "", provider = ""] = claim.split(",").map((arn) => arn.slice(arn.lastIndexOf("/") + 1));
    return { claim, text: `app role "${role},${provider}" once Entra has imported it` };
  }
  const application = stack.behind(stack.behind(body["resource_object_id"])?.body["client_id"])?.body ?? {};
  const role = list(application["app_role"])
    .map(asBody)
    .find((candidate) => candidate["id"] === id);
  return role
    ? declaredRole(application, role)
    : { claim: "", text: `app role ${id} of ${body["resource_object_id"]}` };
}

function declaredRole(application: Body, role: Body): AppRole {
  const off = role["enabled"] === false ? " (disabled)" : "";
  // Left to Entra, what stands here is read once at most.
  const ignored = list(asBody(application["lifecycle"])["ignore_changes"]).includes("app_role") ? " (ignored)" : "";
  return { claim: String(role["value"] ?? ""), text: `app role "${role["display_name"]}"${off}${ignored}` };
}

function awsRole(stack: Stack, claim: string): Block | undefined {
  const [arn = ""] = claim.split(",");
  return stack.of("aws_iam_role").find(({ body }) => arn.endsWith(`:role${body["path"] ?? "/"}${body["name"]}`));
}

function awsSide(stack: Stack, claim: string): string[] {
  const [arn = "", provider = ""] = claim.split(",");
  const role = awsRole(stack, claim);
  if (!role) return [arn === "" ? "no AWS role" : `${arn} (not in this stack)`];
  const trusted = String(role.body["assume_role_policy"]).includes(`"${provider}"`);
  return [`${arn}${trusted ? "" : ` (does not trust ${provider})`}`, ...mayDo(stack, role)];
}

function mayDo(stack: Stack, role: Block): string[] {
  const mine = (block: Block) => stack.behind(block.body["role"]) === role || block.body["role"] === role.body["name"];
  const managed = stack
    .of("aws_iam_role_policy_attachment")
    .filter(mine)
    .map(({ body }) => policyName(stack, body["policy_arn"]));
  const inline = stack
    .of("aws_iam_role_policy")
    .filter((block) => mine(block) && !onlyDenies(block.body["policy"]))
    .map(({ body }) => `${body["name"]} (${statements(body["policy"]).join("; ")})`);
  const boundary = role.body["permissions_boundary"];
  return [
    [...managed, ...inline].join(", ") || "no permission",
    ...(boundary ? [`never more than ${policyName(stack, boundary)}`] : []),
    `session at most ${duration(role.body["max_session_duration"] ?? 3600)}`,
  ];
}

/** Inline policies that only take away, as an incident does: a line for each statement, with all roles that it is in. */
function denialLines(stack: Stack): string[] {
  const denials = stack.of("aws_iam_role_policy").filter(({ body }) => onlyDenies(body["policy"]));
  const said = denials.flatMap(({ body }) => {
    const role = String(stack.behind(body["role"])?.body["name"] ?? body["role"]);
    return statements(body["policy"]).map((statement): [string, string] => [`${body["name"]}: ${statement}`, role]);
  });
  return grouped(said).map(([statement, roles]) => `denied to ${roles.join(", ")} by ${statement}`);
}

/** Texts in their order, each with everything that it is said of. */
function grouped(said: readonly (readonly [text: string, of: string])[]): [string, string[]][] {
  const groups = new Map<string, string[]>();
  for (const [text, of] of said) groups.set(text, [...(groups.get(text) ?? []), of]);
  return [...groups];
}

// ---- What AWS believes

function trustLines(stack: Stack): string[] {
  const said = stack
    .of("aws_iam_role")
    .flatMap(({ body }) =>
      statements(body["assume_role_policy"]).map((statement): [string, string] => [statement, String(body["name"])]),
    );
  return grouped(said).map(([statement, roles]) => `trust of ${roles.join(", ")}: ${statement}`);
}

function identityProviderLines(stack: Stack): string[] {
  return stack.of("aws_iam_saml_provider").map(({ body }) => {
    const { entityId, signingCertificates } = parseMetadata(String(body["saml_metadata_document"]));
    return `identity provider ${body["name"]}: believes ${entityId} by ${count(signingCertificates.length, "signing certificate")}`;
  });
}

// ---- What Entra sends

function applicationLines(stack: Stack): string[] {
  return stack.of("azuread_service_principal").map((principal) => {
    const application = stack.behind(principal.body["client_id"])?.body ?? {};
    const assigned =
      principal.body["app_role_assignment_required"] === true ? "whoever is assigned" : "everybody in the tenant";
    const who = principal.body["account_enabled"] === false ? "nobody, sign-in is turned off" : assigned;
    const replyUrls = list(asBody(application["web"])["redirect_uris"]).join(", ");
    return `application "${application["display_name"]}": for ${who}; sends sign-ins to ${replyUrls}`;
  });
}

function claimLines(stack: Stack): string[] {
  return stack.of("azuread_claims_mapping_policy").flatMap(({ body }) =>
    list(body["definition"]).map((definition) => {
      const { ClaimsSchema, ClaimsTransformations } = asBody(decoded(definition)?.["ClaimsMappingPolicy"]);
      if (ClaimsSchema === undefined) return `claims: ${definition}`;
      const claims = list(ClaimsSchema)
        .map(asBody)
        .filter(({ SamlClaimType }) => SamlClaimType !== undefined);
      const said = claims.map(
        ({ SamlClaimType, Source, ID, Value }) =>
          `${String(SamlClaimType).replace("https://aws.amazon.com/SAML/Attributes/", "")} = ${Value ?? `${Source}.${ID}`}`,
      );
      return ["claims: ", said.join(", "), ...asJson({ ClaimsTransformations }).map((json) => ` by ${json}`)].join("");
    }),
  );
}

/** Policies that nobody in the stack holds: somebody elsewhere may, by their ARN. */
function unheldLines(stack: Stack): string[] {
  const held = (policy: Block) =>
    stack.resources.some(({ body }) =>
      [body["policy_arn"], body["permissions_boundary"]].some((arn) => stack.behind(arn) === policy),
    );
  return stack
    .of("aws_iam_policy")
    .filter((policy) => !held(policy))
    .flatMap(({ body }) =>
      statements(body["policy"]).map((one) => `policy ${body["name"]}, held by nobody here: ${one}`),
    );
}

function iamUserLines(stack: Stack): string[] {
  return stack.of("aws_iam_user").map((user) => {
    const mine = (block: Block) =>
      stack.behind(block.body["user"]) === user || block.body["user"] === user.body["name"];
    const policies = stack
      .of("aws_iam_user_policy_attachment")
      .filter(mine)
      .map(({ body }) => policyName(stack, body["policy_arn"]));
    const keys = stack.of("aws_iam_access_key").filter(mine).length;
    const boundary = user.body["permissions_boundary"];
    return [
      `IAM user ${user.body["name"]}: ${policies.join(", ") || "no permission"}`,
      ...(boundary ? [`never more than ${policyName(stack, boundary)}`] : []),
      count(keys, "access key"),
    ].join("; ");
  });
}

// ---- Who else decides who gets in

function membershipLines(stack: Stack): string[] {
  const members = stack
    .of("azuread_group_member")
    .map(({ body }) => `${nameOf(stack, body["member_object_id"])} in ${nameOf(stack, body["group_object_id"])}`);
  return members.length > 0 ? [`members put in by this stack: ${members.join(", ")}`] : [];
}

function ownerLines(stack: Stack): string[] {
  const owned = new Map<string, Set<string>>();
  for (const { type, body } of stack.resources) {
    if (!["azuread_application", "azuread_service_principal", "azuread_group"].includes(type)) continue;
    const owners =
      list(body["owners"])
        .map((id) => nameOf(stack, id))
        .join(", ") || "nobody";
    const name = String(body["display_name"] ?? stack.behind(body["client_id"])?.body["display_name"]);
    owned.set(owners, (owned.get(owners) ?? new Set()).add(name));
  }
  return [...owned].map(([owners, names]) => `owned by ${owners}: ${[...names].join(", ")}`);
}

// ---- The rest

/** Of each type, the attributes that the lines above tell, or that decide nothing about access. */
const TOLD: Readonly<Record<string, readonly string[]>> = {
  ...ACCOUNT_TOLD,
  aws_iam_access_key: ["user"],
  aws_iam_policy: ["name", "description", "policy"],
  aws_iam_role: [
    ...["name", "path", "description", "assume_role_policy", "max_session_duration", "permissions_boundary", "tags"],
  ],
  aws_iam_role_policy: ["name", "role", "policy"],
  aws_iam_role_policies_exclusive: ["role_name", "policy_names"],
  aws_iam_role_policy_attachment: ["role", "policy_arn"],
  aws_iam_role_policy_attachments_exclusive: ["role_name", "policy_arns"],
  aws_iam_saml_provider: ["name", "saml_metadata_document"],
  aws_iam_user: ["name", "path", "permissions_boundary"],
  aws_iam_user_policies_exclusive: ["user_name", "policy_names"],
  aws_iam_user_policy_attachment: ["user", "policy_arn"],
  aws_iam_user_policy_attachments_exclusive: ["user_name", "policy_arns"],
  azuread_app_role_assignment: ["app_role_id", "principal_object_id", "resource_object_id", "count"],
  azuread_application: ["display_name", "template_id", "owners", "web", "app_role", "prevent_duplicate_names"],
  azuread_application_identifier_uri: ["application_id", "identifier_uri"],
  azuread_claims_mapping_policy: ["display_name", "definition"],
  azuread_authentication_strength_policy: ["display_name", "allowed_combinations"],
  azuread_conditional_access_policy: ["display_name", "state", "conditions", "grant_controls", "session_controls"],
  azuread_group: [
    ...["display_name", "description", "security_enabled", "owners", "prevent_duplicate_names"],
    ...["assignable_to_role", "administrative_unit_ids"],
  ],
  azuread_group_member: ["group_object_id", "member_object_id"],
  azuread_group_role_management_policy: ["group_id", "role_id", "eligible_assignment_rules", "activation_rules"],
  azuread_privileged_access_group_eligibility_schedule: [
    ...["group_id", "principal_id", "assignment_type", "permanent_assignment", "duration", "expiration_date"],
  ],
  azuread_named_location: ["display_name", "ip", "country"],
  azuread_service_principal: [
    ...["client_id", "use_existing", "owners", "app_role_assignment_required", "preferred_single_sign_on_mode"],
    ...["account_enabled", "notification_email_addresses", "feature_tags", "saml_single_sign_on"],
  ],
  azuread_service_principal_claims_mapping_policy_assignment: ["service_principal_id", "claims_mapping_policy_id"],
  azuread_service_principal_token_signing_certificate: ["service_principal_id", "display_name", "end_date"],
  azuread_synchronization_job: ["service_principal_id", "template_id"],
  azuread_synchronization_secret: ["service_principal_id", "credential"],
  azuread_user: [
    ...["user_principal_name", "display_name", "mail_nickname", "password", "force_password_change", "account_enabled"],
  ],
  msgraph_update_resource: ["url", "body", "read_query_parameters", "ignore_missing_property"],
};

/** What the entries of an exclusive list refer to. */
const EXCLUSIVE: Readonly<Record<string, readonly string[]>> = {
  aws_iam_role_policies_exclusive: ["aws_iam_role_policy"],
  aws_iam_role_policy_attachments_exclusive: ["aws_iam_role_policy_attachment"],
  aws_iam_user_policies_exclusive: ["aws_iam_user_policy"],
  aws_iam_user_policy_attachments_exclusive: ["aws_iam_user_policy_attachment"],
};

function otherLines(stack: Stack): string[] {
  return stack.resources.flatMap((block) => {
    const told = TOLD[block.type];
    return told && isTold(stack, block)
      ? unread(block.address, block.body, told)
      : [`not told above: ${block.address} ${JSON.stringify(block.body)}`];
  });
}

/** Some are only told as part of another. */
function isTold(stack: Stack, block: Block): boolean {
  const { type, body } = block;
  const pointsTo = (target: string, reference: unknown) =>
    stack.of(target).some((other) => stack.behind(reference) === other || other.body["name"] === reference);
  switch (type) {
    case "aws_iam_role_policy":
    case "aws_iam_role_policy_attachment":
      return pointsTo("aws_iam_role", body["role"]);
    case "aws_iam_access_key":
    case "aws_iam_user_policy_attachment":
      return pointsTo("aws_iam_user", body["user"]);
    case "aws_iam_role_policies_exclusive":
    case "aws_iam_role_policy_attachments_exclusive":
    case "aws_iam_user_policies_exclusive":
    case "aws_iam_user_policy_attachments_exclusive":
      // It takes away what is not in its list, but it also attaches what is: each entry must be one that is told.
      return [...list(body["policy_names"]), ...list(body["policy_arns"])].every((entry) => {
        const granted = stack.behind(entry);
        return granted !== undefined && EXCLUSIVE[type]?.includes(granted.type) && isTold(stack, granted);
      });
    case "aws_iam_policy":
      return true;
    case "azuread_user":
      return (
        stack.of("azuread_group_member").some(({ body: m }) => stack.behind(m["member_object_id"]) === block) ||
        stack
          .of("azuread_privileged_access_group_eligibility_schedule")
          .some(({ body: e }) => stack.behind(e["principal_id"]) === block)
      );
    case "msgraph_update_resource":
      // Choosing among the published certificates gives nobody access; anything else sent to Graph could.
      return (
        Object.keys(asBody(body["body"])).join() === "preferredTokenSigningKeyThumbprint" || onlySetsAttributes(block)
      );
    default: {
      const [attribute, whole] = ACCOUNT_PARTS[type] ?? [];
      return attribute === undefined || whole === undefined || pointsTo(whole, body[attribute]);
    }
  }
}
