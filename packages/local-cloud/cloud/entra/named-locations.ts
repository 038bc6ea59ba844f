import { randomUUID } from "node:crypto";
import { BlockList, isIP } from "node:net";
import { badRequest, copy, type Directory, notFound } from "./directory";
import type { NamedLocation } from "./state";

/** An object without the id that the tenant gives it; of a union, each member of it. */
type Body<T> = T extends unknown ? Omit<T, "id"> : never;
export type NamedLocationBody = Body<NamedLocation>;

/** https://learn.microsoft.com/entra/identity/conditional-access/concept-assignment-network, "IPv4 and IPv6 address ranges" */
const MAX_LOCATIONS = 195;
const MAX_RANGES = 2_000;
const SHORTEST_MASK = 8;

/** Networks and countries that Conditional Access policies name: https://learn.microsoft.com/graph/api/resources/namedlocation */
export class NamedLocations {
  constructor(private readonly directory: Directory) {}

  get(id: string): NamedLocation {
    return copy(this.location(id));
  }

  list(): NamedLocation[] {
    return copy(Object.values(this.directory.state.namedLocations));
  }

  create(body: NamedLocationBody): Promise<NamedLocation> {
    const operation = "POST /identity/conditionalAccess/namedLocations";
    return this.directory.request(operation, `named location ${body.displayName}`, () => {
      check(body);
      if (Object.keys(this.directory.state.namedLocations).length >= MAX_LOCATIONS)
        throw badRequest(`The tenant has ${MAX_LOCATIONS} named locations, the most that there can be.`, "BadRequest");
      const location: NamedLocation = { ...copy(body), id: randomUUID() };
      this.directory.state.namedLocations[location.id] = location;
      return copy(location);
    });
  }

  update(id: string, body: NamedLocationBody): Promise<void> {
    return this.directory.request("PATCH /identity/conditionalAccess/namedLocations/{id}", this.named(id), () => {
      const { kind } = this.location(id);
      if (kind !== body.kind) throw badRequest(`A named location by ${kind} stays one.`, "BadRequest");
      check(body);
      this.directory.state.namedLocations[id] = { ...copy(body), id };
    });
  }

  delete(id: string): Promise<void> {
    return this.directory.request("DELETE /identity/conditionalAccess/namedLocations/{id}", this.named(id), () => {
      const location = this.location(id);
      // "can't be deleted without first removing the trusted designation": page above, "Trusted locations"
      if (location.kind === "ip" && location.isTrusted)
        throw badRequest("A trusted named location cannot be deleted; take the trust off first.", "BadRequest");
      const user = Object.values(this.directory.state.conditionalAccessPolicies).find(({ conditions }) =>
        [...(conditions.locations?.includeLocations ?? []), ...(conditions.locations?.excludeLocations ?? [])].includes(
          id,
        ),
      );
      // Assumption entra-named-location-in-use, never checked: A named location that a Conditional Access policy names cannot be deleted.
      if (user) throw badRequest(`The Conditional Access policy ${user.displayName} names the location.`, "BadRequest");
      delete this.directory.state.namedLocations[id];
    });
  }

  private location(id: string): NamedLocation {
    const location = this.directory.state.namedLocations[id];
    if (!location) throw notFound(id);
    return location;
  }

  private named(id: string): string {
    return `named location ${this.directory.state.namedLocations[id]?.displayName ?? id}`;
  }
}

function check(body: NamedLocationBody): void {
  if (body.kind === "country") {
    if (body.countriesAndRegions.length === 0) throw badRequest("A named location needs a country.", "BadRequest");
    return;
  }
  if (body.ipRanges.length === 0 || body.ipRanges.length > MAX_RANGES)
    throw badRequest(`A named location takes 1 to ${MAX_RANGES} IP ranges.`, "BadRequest");
  const wrong = body.ipRanges.find((range) => {
    const [address = "", mask] = range.split("/");
    const longest = isIP(address) === 6 ? 128 : 32;
    const length = Number(mask);
    return isIP(address) === 0 || !/^\d+$/.test(mask ?? "") || length < SHORTEST_MASK || length > longest;
  });
  if (wrong !== undefined)
    throw badRequest(`${wrong} is no IP range with a mask of /${SHORTEST_MASK} or longer.`, "BadRequest");
}

/** Whether an address lies in one of the ranges. */
export function covers(ipRanges: readonly string[], address: string): boolean {
  const list = new BlockList();
  for (const range of ipRanges) {
    const [network = "", mask] = range.split("/");
    list.addSubnet(network, Number(mask), isIP(network) === 6 ? "ipv6" : "ipv4");
  }
  return list.check(address, isIP(address) === 6 ? "ipv6" : "ipv4");
}
