import { type JSONValue, search } from "@jmespath-community/jmespath";
import type { Tenant } from "../../../cloud/entra/tenant";
import type { DataSourceType, ResourceType } from "../../resource-type";
import type { Attributes, Value } from "../../values";
import { flag, isBlock, text, texts, unlessGone } from "../azuread/attributes";
import { check, oneOf } from "../azuread/validators";
import type { Query } from "./filter";
import { get, patch } from "./graph";

const REQUEST = ["url", "api_version", "body", "update_method", "response_export_values"];

/**
 * Writes part of an object that exists: https://registry.terraform.io/providers/microsoft/msgraph/latest/docs/resources/update_resource.
 * It cannot be imported, nothing replaces it, and its deletion leaves the object as it is.
 */
const updateResource: ResourceType<Tenant> = {
  defaults: { api_version: "v1.0", update_method: "PATCH", ignore_missing_property: true },
  recomputedWhen: { output: REQUEST, id: ["url"] },
  validate: (config) => check(config, { api_version: oneOf("v1.0", "beta"), update_method: oneOf("PATCH", "PUT") }),
  create: write,
  update: write,

  /** The properties of `body` as they are now, so that a change by hand shows in the plan. */
  read(tenant, state) {
    const found = unlessGone(() => get(tenant, text(state.url), query(state.read_query_parameters)));
    if (found === undefined) return undefined;
    const live = isBlock(found) ? found : {};
    const body = isBlock(state.body)
      ? fromLive(state.body, live, flag(state.ignore_missing_property))
      : (state.body ?? null);
    return { ...state, body, output: exported(found, state) };
  },

  delete: () => undefined,
};

async function write(tenant: Tenant, planned: Attributes): Promise<Attributes> {
  const url = text(planned.url);
  if (planned.update_method !== "PATCH")
    throw new Error(`the local cloud does not model the update method ${text(planned.update_method)}`);
  await patch(tenant, url, isBlock(planned.body) ? planned.body : {});
  const output = exported(get(tenant, url, query(planned.read_query_parameters)), planned);
  return { ...planned, id: url.split("/").pop() ?? url, output };
}

function fromLive(body: Attributes, live: Attributes, keepMissing: boolean): Attributes {
  const entries = Object.entries(body).map(([name, written]): [string, Value] => {
    const now = live[name];
    if (now === undefined) return [name, keepMissing ? written : null];
    return [name, isBlock(written) && isBlock(now) ? fromLive(written, now, keepMissing) : now];
  });
  return Object.fromEntries(entries);
}

/** Reads one object or a collection: https://registry.terraform.io/providers/microsoft/msgraph/latest/docs/data-sources/resource */
const resource: DataSourceType<Tenant> = {
  validate: (config) => check(config, { api_version: oneOf("v1.0", "beta") }),
  read(tenant, config) {
    const url = text(config.url);
    const found = get(tenant, url, query(config.query_parameters, config.headers));
    const id = isBlock(found) && typeof found.id === "string" ? found.id : url;
    return { ...config, api_version: config.api_version ?? "v1.0", id, output: exported(found, config) };
  },
};

/** `output`: what `response_export_values` asks for by name; nothing without it. */
function exported(found: Value, { response_export_values: asked }: Attributes): Value {
  if (!isBlock(asked)) return null;
  return Object.fromEntries(
    Object.entries(asked).map(([name, path]) => [name, search(found as JSONValue, text(path)) as Value]),
  );
}

/** Query parameters are lists of texts; Graph takes each once. */
function query(parameters: Value | undefined, headers?: Value): Query {
  const entries = (value: Value | undefined) => Object.entries(isBlock(value) ? value : {});
  return {
    parameters: Object.fromEntries(entries(parameters).map(([name, values]) => [name, texts(values).join(",")])),
    headers: Object.fromEntries(entries(headers).map(([name, value]) => [name, text(value)])),
  };
}

export const resources: Readonly<Record<string, ResourceType<Tenant>>> = { msgraph_update_resource: updateResource };
export const dataSources: Readonly<Record<string, DataSourceType<Tenant>>> = { msgraph_resource: resource };
