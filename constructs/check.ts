import { Annotations, Token } from "cdktf";
import type { IConstruct } from "constructs";

/**
 * Looks at one value of a construct's props: `check(this, "accountId", accountId).matches(/^\d{12}$/, "AWS takes 12 digits; …")`. What a cloud
 * would refuse is an error: cdktf prints `[Error at path] prop is VALUE, RULE` for every problem of every stack in one run, before Terraform
 * starts. A value that Terraform knows only later (a token) passes.
 *
 * A rule says who takes what, and what to do: `AWS takes 12 digits; write it as a string, so that leading zeros stay`.
 */
export function check<T>(scope: IConstruct, prop: string, value: T): Check<T> {
  return new Check(scope, prop, value);
}

class Check<T> {
  constructor(
    private readonly scope: IConstruct,
    private readonly prop: string,
    private readonly value: T,
  ) {}

  /** An error unless it fits. */
  must(fits: boolean, rule: string): void {
    if (!fits && !Token.isUnresolved(this.value)) Annotations.of(this.scope).addError(this.say(rule));
  }

  /** A warning unless it fits: it works, and is probably not meant. */
  should(fits: boolean, rule: string): void {
    if (!fits && !Token.isUnresolved(this.value)) Annotations.of(this.scope).addWarning(this.say(rule));
  }

  matches(form: RegExp, rule: string): void {
    this.must(form.test(String(this.value)), rule);
  }

  /** An AWS account ID. */
  isAccountId(): void {
    const fits = typeof this.value === "string" && /^\d{12}$/.test(this.value);
    this.must(fits, "AWS takes 12 digits; write it as a string, so that leading zeros stay");
  }

  /** An ID of Entra. @param copyWhat where to get it: `the object ID of the group from the Entra admin center` */
  isGuid(copyWhat: string): void {
    this.must(isGuid(String(this.value)), `Entra takes a GUID; copy ${copyWhat}`);
  }

  /** Object IDs, each looked at. @param what whose: `the deploy identity` */
  areGuids(what: string): void {
    this.each((one) => one.isGuid(`the object ID of ${what} from the Entra admin center`));
  }

  isEmail(): void {
    this.matches(/^[^\s@]+@[^\s@.]+(\.[^\s@.]+)+$/, "mail takes name@domain; correct the address");
  }

  /** E-mail addresses, each looked at. */
  areEmails(): void {
    this.each((one) => one.isEmail());
  }

  /**
   * Options of which only one can count: the others would be lost silently. The types exclude them; this catches plain JavaScript.
   * @param options what can be written, in the order in which the message names it
   */
  hasOneOf(options: readonly string[], what: string): void {
    const written = Object.entries(this.value ?? {}).flatMap(([name, one]) =>
      options.includes(name) && one !== undefined ? [name] : [],
    );
    check(this.scope, this.prop, written).must(written.length === 1, `${what}; write one of ${options.join(", ")}`);
  }

  private each(look: (one: Check<unknown>) => void): void {
    const values: readonly unknown[] = Array.isArray(this.value) ? this.value : [];
    values.forEach((value, index) => {
      look(check(this.scope, `${this.prop}[${index}]`, value));
    });
  }

  private say(rule: string): string {
    return `${this.prop} is ${show(this.value)}, ${rule}`;
  }
}

/** The id of an object in Microsoft Entra: a GUID, hyphens and all. */
export function isGuid(value: string): boolean {
  return /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(value);
}

/** Whether an object id is among others: Entra makes no difference between `A` and `a` in one. */
export function hasId(ids: readonly string[], id: string): boolean {
  return ids.some((one) => one.toLowerCase() === id.toLowerCase());
}

function show(value: unknown): string {
  if (typeof value === "string") return `'${value}'`;
  if (Array.isArray(value)) return value.length === 0 ? "empty" : value.map(show).join(", ");
  return String(value);
}
