import { ServiceError } from "../errors";
import { type AccountContext, Service } from "./service";

/** Whom AWS writes to besides the root user's address. */
export interface AlternateContact {
  name: string;
  title: string;
  emailAddress: string;
  phoneNumber: string;
}

export const CONTACT_TYPES = ["BILLING", "OPERATIONS", "SECURITY"] as const;
export type ContactType = (typeof CONTACT_TYPES)[number];

// Lengths and patterns: https://docs.aws.amazon.com/accounts/latest/reference/API_PutAlternateContact.html
const FIELDS: readonly [keyof AlternateContact, RegExp, string][] = [
  ["name", /^.{1,64}$/s, "1 to 64 characters"],
  ["title", /^.{1,50}$/s, "1 to 50 characters"],
  ["emailAddress", /^(?=.{1,254}$)\s*[\w+=.#|!&-]+@[\w.-]+\.\w+\s*$/, "an e-mail address of up to 254 characters"],
  ["phoneNumber", /^[\s0-9()+-]{1,25}$/, "1 to 25 of digits, spaces and ( ) + -"],
];

/** The alternate contacts of the account, one of each type. */
export class Contacts extends Service {
  /** @param contacts by type */
  constructor(
    context: AccountContext,
    private readonly contacts: Record<string, AlternateContact>,
  ) {
    super("account", context);
  }

  find(type: string): Readonly<AlternateContact> | undefined {
    return this.contacts[type];
  }

  put(type: ContactType, contact: AlternateContact): Promise<void> {
    return this.mutate("PutAlternateContact", this.line(type), () => {
      for (const [field, pattern, allowed] of FIELDS) {
        if (!pattern.test(contact[field])) {
          throw new ServiceError("ValidationException", `${field} of the ${type} contact has to be ${allowed}`, 400);
        }
      }
      this.contacts[type] = { ...contact };
    });
  }

  delete(type: string): Promise<void> {
    return this.mutate("DeleteAlternateContact", this.line(type), () => {
      if (!this.find(type)) {
        const message = "No contact of the inputted alternate contact type found.";
        throw new ServiceError("ResourceNotFoundException", message, 404);
      }
      delete this.contacts[type];
    });
  }

  /** One readable line for each contact. */
  override contents(): string[] {
    return Object.keys(this.contacts).map((type) => this.line(type));
  }

  private line(type: string): string {
    return `${type} contact of ${this.account.id}`;
  }
}
