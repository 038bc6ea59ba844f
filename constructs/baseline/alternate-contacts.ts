import { AccountAlternateContact } from "@cdktf/provider-aws/lib/account-alternate-contact";
import { Construct } from "constructs";
import { check } from "../check";

/** Whom AWS writes to or calls besides the root user's address. */
export interface Contact {
  /** At most 64 characters. */
  readonly name: string;
  /** Position, at most 50 characters: `Head of Security`. */
  readonly title: string;
  /** Of a group, so that somebody reads it in every holiday. */
  readonly emailAddress: string;
  /** Digits, spaces, `+`, `-`, `(` and `)`, at most 25. */
  readonly phoneNumber: string;
}

/** The kinds of contact that an account has. */
export type Contacts = Readonly<Partial<Record<"billing" | "operations" | "security", Contact>>>;

/**
 * @see https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-update-contact-alternate.html
 * @see https://docs.aws.amazon.com/accounts/latest/reference/API_PutAlternateContact.html
 */
export class AlternateContacts extends Construct {
  /** The L1s by what they are for: `billing`, `operations`, `security`. */
  readonly contacts: ReadonlyMap<string, AccountAlternateContact>;

  constructor(scope: Construct, id: string, contacts: Contacts) {
    super(scope, id);
    const made = new Map<string, AccountAlternateContact>();
    for (const [kind, contact] of Object.entries(contacts)) {
      const { name, title, emailAddress, phoneNumber } = contact;
      for (const [property, value, most] of [
        ["name", name, 64],
        ["title", title, 50],
      ] as const) {
        check(this, `contacts.${kind}.${property}`, value).must(
          value.length >= 1 && value.length <= most,
          `AWS takes 1 to ${most} characters; write who it is within them`,
        );
      }
      check(this, `contacts.${kind}.emailAddress`, emailAddress).isEmail();
      check(this, `contacts.${kind}.phoneNumber`, phoneNumber).matches(
        /^[\d\s()+-]{1,25}$/,
        "AWS takes up to 25 digits, spaces, '+', '-', '(' and ')'; write it like +1 206 555 0100",
      );
      const alternateContactType = kind.toUpperCase();
      made.set(
        kind,
        new AccountAlternateContact(this, kind, { alternateContactType, name, title, emailAddress, phoneNumber }),
      );
    }
    this.contacts = made;
  }
}
