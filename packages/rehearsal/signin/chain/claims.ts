import type { ClaimsMappingPolicy, Json, User } from "../../../local-cloud/cloud/entra/state";
import { NotTranslatable, replaceLikeDotNet } from "./dotnet-regex";

/** What an assertion says of a person, apart from when and for whom. */
export interface Claims {
  readonly nameId: string;
  /** Values by SAML attribute name, exactly as it is spelled. An attribute without a value is not sent. */
  readonly attributes: ReadonlyMap<string, readonly string[]>;
  /** Attributes whose value nobody can tell here, with the reason. */
  readonly doubts: ReadonlyMap<string, string>;
}

/** What the tenant knows of the person who signs in to this application. */
export interface Subject {
  readonly user: User;
  /** Values of the app roles held: the source `assignedroles`. */
  readonly assignedRoles: readonly string[];
}

/** A value that this cloud does not know. */
class Unknown extends Error {}

/** The claim that becomes the NameID. */
export const NAME_ID = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/nameidentifier";

interface Definition {
  readonly IncludeBasicClaimSet?: string | boolean;
  readonly ClaimsSchema?: readonly Entry[];
  readonly ClaimsTransformations?: readonly Transformation[];
}
interface Entry {
  readonly Source?: string;
  readonly ID?: string;
  readonly Value?: string;
  readonly TransformationId?: string;
  readonly SamlClaimType?: string;
}
interface Transformation {
  readonly ID: string;
  readonly TransformationMethod: string;
  readonly InputClaims?: readonly { ClaimTypeReferenceId: string; TransformationClaimType: string }[];
  readonly InputParameters?: readonly { ID: string; Value: string }[];
  readonly OutputClaims?: readonly { ClaimTypeReferenceId: string; TransformationClaimType: string }[];
}

// Assumption signin-no-claims-policy, never checked: Without a claims mapping policy an application from the gallery sends none of the AWS
// claims, although the portal shows them filled in.
/**
 * The claims that Entra puts into an assertion: those of the basic set that matter here, and what the assigned policy adds.
 * https://learn.microsoft.com/entra/identity-platform/reference-claims-customization
 */
export function claimsOf(subject: Subject, policy: ClaimsMappingPolicy | undefined): Claims {
  const attributes = new Map<string, readonly string[]>();
  const doubts = new Map<string, string>();
  const definition = policy ? definitionOf(policy) : {};
  for (const entry of definition.ClaimsSchema ?? []) {
    if (entry.SamlClaimType === undefined) continue;
    try {
      const values = valuesOf(entry, definition, subject);
      if (values.length > 0) attributes.set(entry.SamlClaimType, values);
    } catch (error) {
      if (!(error instanceof Unknown) && !(error instanceof NotTranslatable)) throw error;
      doubts.set(entry.SamlClaimType, error.message);
    }
  }
  const basic = policy === undefined || String(definition.IncludeBasicClaimSet ?? "true").toLowerCase() === "true";
  if (!basic && !attributes.has(NAME_ID)) doubts.set(NAME_ID, "the policy leaves the basic claim set out");
  const [nameId = subject.user.userPrincipalName] = attributes.get(NAME_ID) ?? [];
  attributes.delete(NAME_ID);
  return { nameId, attributes, doubts };
}

/** Its form was checked when it was written: the store has nothing else. */
const definitionOf = (policy: ClaimsMappingPolicy): Definition =>
  (JSON.parse(policy.definition[0] ?? "{}") as { ClaimsMappingPolicy?: Definition }).ClaimsMappingPolicy ?? {};

function valuesOf(entry: Entry, definition: Definition, subject: Subject): readonly string[] {
  if (entry.Value !== undefined) return [entry.Value];
  if (entry.Source === "user") return ofUser(entry.ID ?? "", subject);
  if (entry.Source === "transformation") return transformed(entry, definition, subject);
  throw new Unknown(`the source ${entry.Source} is not evaluated here`);
}

// Assumption signin-guest-name, never checked: A guest's user principal name is sent as this tenant has it, with #EXT#.
/** The IDs of the page's table "Valid ID values per source" that the directory here can answer; the names are lower-case there. */
function ofUser(id: string, { user, assignedRoles }: Subject): readonly string[] {
  const name = id.toLowerCase();
  if (name === "assignedroles") return assignedRoles;
  const own: Record<string, string> = {
    userprincipalname: user.userPrincipalName,
    objectid: user.id,
    displayname: user.displayName,
    mailnickname: user.mailNickname,
    usertype: user.userType,
  };
  const held: Json | undefined =
    own[name] ?? Object.entries(user.details).find(([key]) => key.toLowerCase() === name)?.[1];
  if (typeof held === "string") return [held];
  throw new Unknown(`the user's ${id} is not known here`);
}

function transformed(entry: Entry, definition: Definition, subject: Subject): readonly string[] {
  const { ClaimsTransformations = [], ClaimsSchema = [] } = definition;
  const transformation = ClaimsTransformations.find(({ ID }) => ID === entry.TransformationId);
  if (!transformation) throw new Unknown(`there is no transformation ${entry.TransformationId}`);
  const { TransformationMethod: method, InputClaims = [], InputParameters = [], OutputClaims = [] } = transformation;
  const parameter = (id: string) => InputParameters.find(({ ID }) => ID === id)?.Value;
  const [pattern, replacement] = [parameter("regex"), parameter("replacement")];
  const [input, second] = InputClaims;
  if (method !== "RegexReplace" || pattern === undefined || replacement === undefined || !input || second) {
    throw new Unknown(`the transformation ${transformation.ID} (${method}) is not evaluated here`);
  }
  if (!OutputClaims.some(({ ClaimTypeReferenceId }) => ClaimTypeReferenceId === entry.ID)) {
    throw new Unknown(`the transformation ${transformation.ID} has no output ${entry.ID}`);
  }
  const source = ClaimsSchema.find(
    ({ ID, Source }) => ID === input.ClaimTypeReferenceId && Source !== "transformation",
  );
  if (!source) throw new Unknown(`the transformation ${transformation.ID} has no input ${input.ClaimTypeReferenceId}`);
  return valuesOf(source, definition, subject).map((value) => replaceLikeDotNet(value, pattern, replacement));
}
