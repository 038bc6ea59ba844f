import { CONTACT_TYPES, type ContactType } from "../../../cloud/aws/contacts";
import { notModelled } from "../../../cloud/aws/errors";
import type { ResourceType } from "../../resource-type";
import type { Attributes } from "../../values";
import { check, lengthBetween, optionalText, text } from "./attributes";
import type { AwsConnection } from "./connection";

// Facts: internal/service/account/alternate_contact.go of hashicorp/terraform-provider-aws.

const isType = (value: string): value is ContactType => CONTACT_TYPES.some((type) => type === value);

/** `/SECURITY` as the provider makes it, `SECURITY` or `<account>/SECURITY` as it is imported. */
function typeIn(id: string): ContactType {
  const type = id.split("/").at(-1) ?? "";
  if (!isType(type)) throw new Error(`unexpected format for ID (${id}), expected ContactType or AccountID/ContactType`);
  return type;
}

async function put({ account }: AwsConnection, planned: Attributes): Promise<Attributes> {
  // The management account can set another account's contacts.
  if (optionalText(planned, "account_id")) throw notModelled("account_id of aws_account_alternate_contact");
  const type = text(planned, "alternate_contact_type");
  await account.contacts.put(typeIn(type), {
    name: text(planned, "name"),
    title: text(planned, "title"),
    emailAddress: text(planned, "email_address"),
    phoneNumber: text(planned, "phone_number"),
  });
  return { ...planned, id: `/${type}` };
}

export const alternateContact: ResourceType<AwsConnection> = {
  forceNew: ["account_id", "alternate_contact_type"],
  validate: (config) =>
    check(config, {
      alternate_contact_type: (value) =>
        isType(value) ? undefined : `is ${value}, it takes ${CONTACT_TYPES.join(", ")}`,
      email_address: (value) => (/[\w+=,.-]+@[\w.-]+\.\w+/.test(value) ? undefined : "must be a valid email address"),
      name: lengthBetween(1, 64),
      phone_number: (value) => (/^[\s0-9()+-]+$/.test(value) ? undefined : "must be a valid phone number"),
      title: lengthBetween(1, 50),
    }),
  create: put,
  read({ account }, state) {
    const id = text(state, "id");
    const contact = account.contacts.find(typeIn(id));
    return (
      contact && {
        ...state,
        id,
        alternate_contact_type: typeIn(id),
        name: contact.name,
        title: contact.title,
        email_address: contact.emailAddress,
        phone_number: contact.phoneNumber,
      }
    );
  },
  update: async (connection, planned, prior) => ({ ...(await put(connection, planned)), id: prior.id ?? null }),
  async delete({ account: { contacts } }, state) {
    const type = typeIn(text(state, "id"));
    if (contacts.find(type)) await contacts.delete(type);
  },
  import: (_, id) => ({ id }),
};
