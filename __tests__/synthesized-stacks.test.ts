import { accounts } from "../main";
import { unknownManagedPolicies } from "./support/aws-managed-policies";
import { unknownActions } from "./support/iam-actions";
import { checkStack, loadProviderSchemas } from "./support/provider-schemas";
import { parseMetadata, validateMetadata } from "./support/saml-metadata";
import { makeSigningCertificate } from "./support/signing-certificate";
import { blocksOf } from "./support/stack-json";
import { synthesizedStacks } from "./support/synthesized-stacks";

describe.each(synthesizedStacks())("$name", ({ json }) => {
  test("fits the schemas of its providers", () => {
    expect(checkStack(json, loadProviderSchemas())).toEqual([]);
  });

  test("names actions that IAM knows", async () => {
    expect(await unknownActions(json)).toEqual([]);
  });

  test("attaches managed policies that AWS has", () => {
    expect(unknownManagedPolicies(json)).toEqual([]);
  });
});

// The stacks of the accounts in `main.ts`: each is entered through one identity provider, so each has what is asked of it here.
const entered = synthesizedStacks().filter(({ json }) =>
  blocksOf(json).some(({ type }) => type === "azuread_application_identifier_uri"),
);

test("every account of main.ts is among the stacks that people enter", () => {
  expect(entered).toHaveLength(accounts.length);
});

describe.each(entered)("$name, which people enter", ({ json }) => {
  test("has roles with a trust policy", () => {
    expect(blocksOf(json).filter(({ type }) => type === "aws_iam_role")).not.toEqual([]);
  });

  test("gives IAM valid metadata that carries every signing certificate", async () => {
    const documents = blocksOf(json)
      .filter(({ type }) => type === "aws_iam_saml_provider")
      .map(({ body }) => String(body["saml_metadata_document"]));
    expect(documents).toHaveLength(1);
    const certificate = await makeSigningCertificate("c2026");
    const issued = documents.join("").replace(/\$\{[^}]*\}/g, certificate);
    const expected = blocksOf(json).filter(
      ({ type }) => type === "azuread_service_principal_token_signing_certificate",
    );
    expect(validateMetadata(issued)).toEqual([]);
    expect(parseMetadata(issued).signingCertificates).toEqual(expected.map(() => certificate));
  });
});
