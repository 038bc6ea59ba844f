import { badRequest, copy, type Directory } from "./directory";
import type { Json, SecurityAttribute } from "./state";

/** Values of custom security attributes of one object: by attribute set, then by attribute. */
export type AttributeValues = Record<string, Record<string, Json>>;

/** What Graph writes beside the values of a set, and what it takes; the documented request and the documented answer spell it differently. */
const TYPE = "@odata.type";
const ANSWERED = "#microsoft.graph.customSecurityAttributeValue";
const TAKEN = ["#Microsoft.DirectoryServices.CustomSecurityAttributeValue", ANSWERED];

/** Units: Unicode characters. https://learn.microsoft.com/entra/fundamentals/custom-security-attributes-overview, "Limits and constraints" */
const MAX_VALUE = 64;

/**
 * Custom security attributes: https://learn.microsoft.com/graph/api/resources/custom-security-attributes-overview. Sets and definitions
 * "can't be renamed or deleted", so people make them by hand: here they are seeded.
 */
export class SecurityAttributes {
  constructor(private readonly directory: Directory) {}

  list(): SecurityAttribute[] {
    return copy(Object.values(this.directory.state.securityAttributes));
  }

  /** By the name that a filter rule uses: `AwsFederation_PolicySet`. Case counts. */
  find(id: string): SecurityAttribute | undefined {
    return copy(this.directory.state.securityAttributes[id]);
  }

  /** `before` with what a PATCH writes: https://learn.microsoft.com/graph/custom-security-attributes-examples; null takes a value away. */
  merged(before: AttributeValues, written: AttributeValues): AttributeValues {
    const merged = copy(before);
    for (const [set, { [TYPE]: type, ...values }] of Object.entries(written)) {
      // Assumption entra-attribute-type-name, never checked: Graph takes the values of an attribute set under both names of their type, the
      // documented request's and the documented answer's, and none without.
      if (typeof type !== "string" || !TAKEN.includes(type))
        throw badRequest(`The attribute set '${set}' needs ${TYPE} ${TAKEN.join(" or ")}.`);
      const kept = merged[set] ?? {};
      for (const [name, value] of Object.entries(values)) {
        this.check(set, name, value);
        if (value === null) delete kept[name];
        else kept[name] = value;
      }
      if (Object.keys(kept).length > 0) merged[set] = kept;
      else delete merged[set];
    }
    return merged;
  }

  private check(set: string, name: string, value: Json): void {
    const definition = this.directory.state.securityAttributes[`${set}_${name}`];
    if (!definition) throw badRequest(`The custom security attribute '${set}_${name}' is not defined in the tenant.`);
    if (value === null) return;
    if (definition.status !== "Available")
      throw badRequest(`The custom security attribute '${set}_${name}' is deactivated.`);
    const values = definition.isCollection && Array.isArray(value) ? value : [value];
    const types = { String: "string", Integer: "number", Boolean: "boolean" } as const;
    for (const one of values) {
      if (typeof one !== types[definition.type])
        throw badRequest(`The custom security attribute '${set}_${name}' takes ${definition.type}.`);
      if (typeof one === "string" && [...one].length > MAX_VALUE)
        throw badRequest(`A value of '${set}_${name}' is longer than ${MAX_VALUE} characters.`);
      const allowed = definition.allowedValues.filter(({ isActive }) => isActive).map(({ id }) => id);
      if (definition.usePreDefinedValuesOnly && !allowed.includes(String(one)))
        throw badRequest(`'${one}' is no predefined value of '${set}_${name}'.`);
    }
  }
}

/** As Graph answers: null where nothing is set, else each set with its type. */
export function shownValues(values: AttributeValues): Json {
  const sets = Object.entries(values).map(([set, attributes]) => [set, { [TYPE]: ANSWERED, ...attributes }]);
  return sets.length > 0 ? Object.fromEntries(sets) : null;
}
