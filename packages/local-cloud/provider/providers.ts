import { partitionOf } from "../cloud/aws/regions";
import type { Cloud } from "../cloud/cloud";
import type { Tenant } from "../cloud/entra/tenant";
import { Engine } from "./engine";
import type { Provider } from "./resource-type";
import * as aws from "./types/aws";
import type { AwsConnection } from "./types/aws/connection";
import * as azuread from "./types/azuread";
import * as msgraph from "./types/msgraph";
import type { Attributes, Value } from "./values";

/** The three providers of the federation's stacks, in front of one cloud. */
export function enginesFor(cloud: Cloud): Engine<unknown>[] {
  const tenantOf = ({ tenant_id: id }: Attributes): Tenant => {
    if (typeof id === "string" && id !== "") return cloud.tenant(id);
    throw new Error(
      "tenant_id must be set in the provider block: the local cloud asks no environment and no Azure CLI",
    );
  };
  const hashicorpAws: Provider<AwsConnection> = {
    source: "registry.terraform.io/hashicorp/aws",
    ...aws,
    connect(config) {
      const [id, ...others] = texts(config.allowed_account_ids ?? null);
      if (id === undefined || others.length > 0) {
        throw new Error("allowed_account_ids must name one account: the local cloud has no credentials to tell it by");
      }
      const region = typeof config.region === "string" ? config.region : "us-east-1";
      return { account: cloud.account(id, partitionOf(region)), region, defaultTags: defaultTags(config) };
    },
  };
  const hashicorpAzuread: Provider<Tenant> = {
    source: "registry.terraform.io/hashicorp/azuread",
    ...azuread,
    connect: tenantOf,
  };
  const microsoftMsgraph: Provider<Tenant> = {
    source: "registry.terraform.io/microsoft/msgraph",
    framework: true,
    ...msgraph,
    connect: tenantOf,
  };
  return [new Engine(hashicorpAws), new Engine(hashicorpAzuread), new Engine(microsoftMsgraph)];
}

function defaultTags({ default_tags: blocks }: Attributes): Record<string, string> {
  const [block] = Array.isArray(blocks) ? blocks : [];
  const tags = block && typeof block === "object" && !Array.isArray(block) ? block.tags : undefined;
  if (!tags || typeof tags !== "object" || Array.isArray(tags)) return {};
  return Object.fromEntries(Object.entries(tags).filter((tag): tag is [string, string] => typeof tag[1] === "string"));
}

const texts = (value: Value): string[] =>
  Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
