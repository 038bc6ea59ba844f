import type { NamedLocationBody } from "../../../cloud/entra/named-locations";
import type { NamedLocation } from "../../../cloud/entra/state";
import type { Tenant } from "../../../cloud/entra/tenant";
import type { ResourceType } from "../../resource-type";
import type { Attributes } from "../../values";
import { applied, block, flag, refreshed, text, texts, unlessGone } from "./attributes";
import { ids } from "./ids";
import { check, exactlyOneOf, ipPrefix, notEmpty, oneOf } from "./validators";

const BY_ADDRESS = "clientIpAddress";

/** conditionalaccess/named_location_resource.go */
export const namedLocation: ResourceType<Tenant> = {
  defaults: { "country.country_lookup_method": BY_ADDRESS },
  validate: (config) => [
    ...check(config, {
      display_name: notEmpty,
      "ip.ip_ranges": ipPrefix(8),
      "country.countries_and_regions": notEmpty,
      "country.country_lookup_method": oneOf("authenticatorAppGps", BY_ADDRESS),
    }),
    ...exactlyOneOf({ ip: block(config.ip) ?? null, country: block(config.country) ?? null }, "ip", "country"),
  ],
  // Another kind of location is another object; what is inside a block is updated.
  forceNew: ["ip.#", "country.#"],

  async create(tenant, planned) {
    return applied(planned, flatten(await tenant.namedLocations.create(locationBody(planned))));
  },

  read(tenant, state) {
    const found = unlessGone(() => tenant.namedLocations.get(ids.namedLocation.last(state.id)));
    return found && refreshed(flatten(found), state);
  },

  async update(tenant, planned, prior) {
    const locationId = ids.namedLocation.last(prior.id);
    await tenant.namedLocations.update(locationId, locationBody(planned));
    return applied(planned, flatten(tenant.namedLocations.get(locationId)));
  },

  /** The trust goes first: Entra deletes no trusted location. One that is gone already is no error here. */
  async delete(tenant, state) {
    const locationId = ids.namedLocation.last(state.id);
    const found = unlessGone(() => tenant.namedLocations.get(locationId));
    if (!found) return;
    if (found.kind === "ip") await tenant.namedLocations.update(locationId, { ...found, isTrusted: false });
    await tenant.namedLocations.delete(locationId);
  },

  import: ids.namedLocation.import,
};

/** The request that a location of this configuration makes. */
export function locationBody(planned: Attributes): NamedLocationBody {
  const displayName = text(planned.display_name);
  const ip = block(planned.ip);
  if (ip) return { kind: "ip", displayName, ipRanges: texts(ip.ip_ranges), isTrusted: flag(ip.trusted) };
  const country = block(planned.country) ?? {};
  return {
    kind: "country",
    displayName,
    countriesAndRegions: texts(country.countries_and_regions),
    includeUnknownCountriesAndRegions: flag(country.include_unknown_countries_and_regions),
    countryLookupMethod: text(country.country_lookup_method) || BY_ADDRESS,
  };
}

function flatten(location: NamedLocation): Attributes {
  return {
    id: ids.namedLocation.of(location.id),
    object_id: location.id,
    display_name: location.displayName,
    ip: location.kind === "ip" ? [{ ip_ranges: location.ipRanges, trusted: location.isTrusted }] : [],
    country:
      location.kind === "country"
        ? [
            {
              countries_and_regions: location.countriesAndRegions,
              include_unknown_countries_and_regions: location.includeUnknownCountriesAndRegions,
              country_lookup_method: location.countryLookupMethod,
            },
          ]
        : [],
  };
}
