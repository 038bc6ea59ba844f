import { createPrivateKey, sign } from "node:crypto";
import { SAML, ValidateInResponseTo } from "@node-saml/node-saml";
import { SignedXml } from "xml-crypto";
import { makeCertificate, metadataWith } from "../../local-cloud/__tests__/aws-metadata";
import { Cloud } from "../../local-cloud/cloud/cloud";
import { selfSigned } from "../../local-cloud/cloud/entra/x509";
import { type ResponseContent, samlResponse, signAssertion } from "../signin/chain/assertion";
import { type AwsSignIn, signInToAws } from "../signin/chain/aws";
import { REFUSALS } from "../signin/chain/verdict";

const ENDPOINT = "https://signin.aws.amazon.com/saml";
const ISSUER = "https://sts.windows.net/00000000-0000-0000-0000-00000000c0de/";
const ATTRIBUTES = "https://aws.amazon.com/SAML/Attributes";
const ACCOUNTS = ["111122223333", "444455556666"] as const;
const NOW = new Date("2027-03-01T09:00:00.000Z");
const role = (account: string, name = "Developer") => `arn:aws:iam::${account}:role/${name}`;
const provider = (account: string) => `arn:aws:iam::${account}:saml-provider/MicrosoftEntraID`;

let cloud: Cloud;
/** Keys and certificates (PEM and base64 DER) of the application of each account. */
let applications: { pem: string; der: string; privateKey: string }[];

beforeAll(async () => {
  applications = await Promise.all(
    ACCOUNTS.map(async (account) => {
      const made = await selfSigned(`app of ${account}`, new Date("2027-01-01"), new Date("2029-01-01"));
      const der = made.certificate.toString("base64");
      const pem = `-----BEGIN CERTIFICATE-----\n${der.match(/.{1,64}/g)?.join("\n")}\n-----END CERTIFICATE-----\n`;
      return { pem, der, privateKey: made.privateKey.export({ type: "pkcs8", format: "pem" }).toString() };
    }),
  );
});

beforeEach(async () => {
  cloud = new Cloud(undefined, { now: NOW.toISOString(), tenants: {}, accounts: {} });
  for (const [at, account] of ACCOUNTS.entries()) {
    const { samlProviders, roles } = cloud.account(account);
    await samlProviders.create({
      name: "MicrosoftEntraID",
      samlMetadataDocument: metadataWith([applications[at]?.der ?? ""], ISSUER),
    });
    for (const name of ["Developer", "Administrator"]) {
      await roles.create({ name, assumeRolePolicyDocument: trust(account) });
    }
  }
  jest.useFakeTimers({
    now: NOW,
    doNotFake: ["nextTick", "setImmediate", "setTimeout", "setInterval", "queueMicrotask"],
  });
});

afterEach(() => {
  jest.useRealTimers();
});

const trust = (account: string) =>
  JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { Federated: provider(account) },
        Action: "sts:AssumeRoleWithSAML",
        Condition: { StringEquals: { "SAML:aud": ENDPOINT } },
      },
    ],
  });

const content = (more: Partial<ResponseContent> = {}, attributes: Record<string, string[]> = {}): ResponseContent => ({
  issuer: ISSUER,
  audience: ENDPOINT,
  recipient: ENDPOINT,
  nameId: "o'brien@contoso.com",
  issuedAt: NOW,
  attributes: new Map(
    Object.entries({
      [`${ATTRIBUTES}/Role`]: [`${role(ACCOUNTS[0])},${provider(ACCOUNTS[0])}`],
      [`${ATTRIBUTES}/RoleSessionName`]: ["obrien@contoso.com"],
      ...attributes,
    }),
  ),
  ...more,
});

/** Signed with the key of the application of the first account, or of the second. */
const signed = (response: string, at = 0): string =>
  signAssertion(response, {
    certificate: applications[at]?.pem ?? "",
    sign: (data) => sign("sha256", data, createPrivateKey(applications[at]?.privateKey ?? "")),
  });

const ASSERTION = "/*/*[local-name(.)='Assertion']";

/** A signature in the assertion, made with its own application's key: of any element, by any algorithm. */
function signedElement(
  response: string,
  xpath: string,
  signatureAlgorithm = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
  digestAlgorithm = "http://www.w3.org/2001/04/xmlenc#sha256",
): string {
  const exclusive = "http://www.w3.org/2001/10/xml-exc-c14n#";
  const privateKey = applications[0]?.privateKey;
  const signature = new SignedXml({ privateKey, signatureAlgorithm, canonicalizationAlgorithm: exclusive });
  const transforms = ["http://www.w3.org/2000/09/xmldsig#enveloped-signature", exclusive];
  signature.addReference({ xpath, digestAlgorithm, transforms });
  signature.computeSignature(response, {
    location: { reference: `${ASSERTION}/*[local-name(.)='Issuer']`, action: "after" },
  });
  return signature.getSignedXml();
}

/** The answer of AWS: the session, or the link that broke. */
async function aws(response: string, more: Partial<AwsSignIn> = {}): Promise<string> {
  const { steps, sessions } = await signInToAws(cloud, { endpoint: ENDPOINT, response, ...more });
  const broken = steps.find(({ outcome }) => outcome !== "ok");
  return sessions.map(({ title }) => title).join(", ") || `${broken?.link}: ${broken?.code ?? broken?.outcome}`;
}

/** The answer of an independent service provider that knows the first application's certificate. */
async function nodeSaml(response: string): Promise<string> {
  const serviceProvider = new SAML({
    idpCert: applications[0]?.pem ?? "",
    issuer: ENDPOINT,
    callbackUrl: ENDPOINT,
    audience: ENDPOINT,
    maxAssertionAgeMs: 5 * 60_000,
    wantAssertionsSigned: true,
    wantAuthnResponseSigned: false,
    validateInResponseTo: ValidateInResponseTo.never,
  });
  try {
    const { profile } = await serviceProvider.validatePostResponseAsync({
      SAMLResponse: Buffer.from(response).toString("base64"),
    });
    return `in as ${profile?.nameID}`;
  } catch (error) {
    return `refused: ${error instanceof Error ? error.message : error}`;
  }
}

const IN = `Developer / obrien@contoso.com / ${ACCOUNTS[0]}`;
const SIGNATURE = `signature: ${REFUSALS.signature.code}`;
const INVALID = `SAML response: ${REFUSALS.invalidResponse.code}`;
const assertionOf = (response: string) => /<Assertion .*<\/Assertion>/s.exec(response)?.[0] ?? "";

test("an assertion is taken by AWS and by an independent service provider", async () => {
  const response = signed(samlResponse(content()));
  expect(await aws(response)).toBe(IN);
  expect(await nodeSaml(response)).toBe("in as o'brien@contoso.com");
});

test("values with what XML escapes arrive as they were sent", async () => {
  const nameId = `<"Pat" & 'Jo'>`;
  expect(await nodeSaml(signed(samlResponse(content({ nameId }))))).toBe(`in as ${nameId}`);
});

describe("both refuse an assertion", () => {
  test.each<[string, () => string | Promise<string>, string]>([
    [
      "whose role was changed after it was signed",
      () => signed(samlResponse(content())).replace("role/Developer", "role/Administrator"),
      SIGNATURE,
    ],
    ["that is not signed", () => samlResponse(content()), SIGNATURE],
    [
      "whose signature was taken away",
      () => signed(samlResponse(content())).replace(/<Signature .*<\/Signature>/s, ""),
      SIGNATURE,
    ],
    ["that another application signed", () => signed(samlResponse(content()), 1), SIGNATURE],
    [
      "beside the signed one",
      () => {
        const response = signed(samlResponse(content()));
        const forged = assertionOf(response)
          .replace(/<Signature .*<\/Signature>/s, "")
          .replace("role/Developer", "role/Administrator")
          .replace(/ ID="[^"]*"/, ' ID="_forged"');
        return response.replace("<Assertion ", () => `${forged}<Assertion `);
      },
      INVALID,
    ],
    [
      "with the signed one wrapped into it",
      () => {
        const response = signed(samlResponse(content()));
        const original = assertionOf(response);
        const signature = /<Signature .*<\/Signature>/s.exec(original)?.[0] ?? "";
        const inner = original.replace(signature, "");
        const forged = inner
          .replace("role/Developer", "role/Administrator")
          .replace(/ ID="[^"]*"/, ' ID="_forged"')
          .replace(
            "</Issuer>",
            () => `</Issuer>${signature.replace("</Signature>", () => `<Object>${inner}</Object></Signature>`)}`,
          );
        return response.replace(original, () => forged);
      },
      INVALID,
    ],
    [
      "under a good signature of something else in the document",
      () => signedElement(samlResponse(content()), "/*/*[local-name(.)='Status']"),
      SIGNATURE,
    ],
    [
      "for another audience",
      () => signed(samlResponse(content({ audience: "https://example.com/saml" }))),
      `audience: ${REFUSALS.audience.code}`,
    ],
    [
      "that is six minutes old",
      () => {
        const response = signed(samlResponse(content()));
        cloud.clock.advance({ minutes: 6 });
        jest.setSystemTime(cloud.clock.now());
        return response;
      },
      `time: ${REFUSALS.expired.code}`,
    ],
  ])("%s", async (_, make, refusal) => {
    const response = await make();
    expect(await aws(response)).toBe(refusal);
    expect(await nodeSaml(response)).toMatch(/^refused: /);
  });
});

describe("AWS refuses", () => {
  test.each([
    ["signature", "http://www.w3.org/2000/09/xmldsig#rsa-sha1", "http://www.w3.org/2001/04/xmlenc#sha256"],
    ["digest", "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256", "http://www.w3.org/2000/09/xmldsig#sha1"],
  ])("a %s by SHA-1", async (_, signatureAlgorithm, digestAlgorithm) => {
    const response = signedElement(samlResponse(content()), ASSERTION, signatureAlgorithm, digestAlgorithm);
    expect(await aws(response)).toBe(SIGNATURE);
  });

  test("a response for another recipient, or posted elsewhere", async () => {
    const elsewhere = "https://eu-west-1.signin.aws.amazon.com/saml";
    expect(await aws(signed(samlResponse(content({ recipient: elsewhere }))))).toBe(INVALID);
    expect(await aws(signed(samlResponse(content())), { endpoint: elsewhere })).toBe(INVALID);
    expect(
      await aws(signed(samlResponse(content({ recipient: "https://example.com/saml" }))), {
        endpoint: "https://example.com/saml",
      }),
    ).toBe(INVALID);
  });

  test("an assertion of another issuer, whoever signed it", async () => {
    const response = signed(samlResponse(content({ issuer: "https://sts.windows.net/another/" })));
    expect(await aws(response)).toBe(`issuer: ${REFUSALS.issuer.code}`);
  });

  test("a response that is no such thing", async () => {
    const response = signed(samlResponse(content()));
    expect(await aws("<nothing/>")).toBe(INVALID);
    expect(await aws("not even XML")).toBe(INVALID);
    expect(await aws(response.replace(":status:Success", ":status:Responder"))).toBe(INVALID);
    expect(await aws(`<!DOCTYPE x [<!ENTITY e "e">]>${response}`)).toBe(INVALID);
    expect(await aws(response.replace(/ Recipient="[^"]*"/, ""))).toBe(INVALID);
    expect(
      await aws(response.replace(/<SubjectConfirmationData NotOnOrAfter="[^"]*"/, "<SubjectConfirmationData")),
    ).toBe(INVALID);
  });

  test("a good signature to the minute: at five minutes, not after", async () => {
    const response = signed(samlResponse(content()));
    cloud.clock.advance({ minutes: 4 });
    expect(await aws(response)).toBe(IN);
    cloud.clock.advance({ minutes: 1 });
    expect(await aws(response)).toBe(`time: ${REFUSALS.expired.code}`);
  });

  test("session tags and a source identity that the trust policy does not allow", async () => {
    const tags = { [`${ATTRIBUTES}/PrincipalTag:Team`]: ["payments"] };
    const response = signed(samlResponse(content({}, tags)));
    expect(await aws(response)).toBe(`trust policy: ${REFUSALS.notAuthorized.code}`);
    const allowing = trust(ACCOUNTS[0]).replace(
      '"sts:AssumeRoleWithSAML"',
      '["sts:AssumeRoleWithSAML","sts:TagSession"]',
    );
    await cloud.account(ACCOUNTS[0]).roles.updateAssumeRolePolicy("Developer", allowing);
    expect(await aws(response)).toBe(IN);
    const source = { [`${ATTRIBUTES}/SourceIdentity`]: ["anna"] };
    expect(await aws(signed(samlResponse(content({}, source))))).toBe(`trust policy: ${REFUSALS.notAuthorized.code}`);
  });
});

test("an unedited assertion sent to the other account is refused by its certificates, and with the same certificates because it offers no role there", async () => {
  const response = signed(samlResponse(content()));
  const other = { role: role(ACCOUNTS[1]), provider: provider(ACCOUNTS[1]) };
  expect(await aws(response, { role: role(ACCOUNTS[0]), provider: provider(ACCOUNTS[0]) })).toBe(IN);
  expect(await aws(response, other)).toBe(SIGNATURE);
  const { samlProviders } = cloud.account(ACCOUNTS[1]);
  await samlProviders.update(other.provider, metadataWith([applications[0]?.der ?? ""], ISSUER));
  expect(await aws(response, other)).toBe(`Role: ${REFUSALS.notAuthorized.code}`);
});

test("during a rotation an assertion is taken by any certificate in the metadata, and a key of another kind disturbs nobody", async () => {
  const { samlProviders } = cloud.account(ACCOUNTS[0]);
  const [first, second] = applications.map(({ der }) => der);
  const elliptic = await makeCertificate("another kind");
  await samlProviders.update(provider(ACCOUNTS[0]), metadataWith([elliptic, second ?? "", first ?? ""], ISSUER));
  expect(await aws(signed(samlResponse(content())))).toBe(IN);
  expect(await aws(signed(samlResponse(content()), 1))).toBe(IN);
});
