import { policyText, samlTrustPolicy } from "../constructs/aws/trust-policy";
import { isGuid } from "../constructs/check";
import { appRoleId, claimsMapping, MAX_ROLE_CLAIM, type RoleSessionName, roleClaim } from "../constructs/claims";
import { awsCloud, entraCloud, identifier, knownEntraClouds, signInEndpoints } from "../constructs/clouds";
import { declared, imported } from "../constructs/entra/app-roles";

describe("the table of clouds", () => {
  test("has a public source for every row", () => {
    const sources = [
      ...(["aws", "aws-cn", "aws-us-gov"] as const).map((partition) => awsCloud(partition).source),
      entraCloud("public")?.source,
    ];
    expect(sources).toEqual(sources.map(() => expect.stringMatching(/^https:\/\//)));
    expect(knownEntraClouds).toEqual(["public"]);
    expect(entraCloud("usgovernment")).toBeUndefined();
    expect(entraCloud("china")).toBeUndefined();
  });

  test("gives every account an identifier of its own, the endpoint in front of the #", () => {
    expect(identifier("aws", "210987654321")).toBe("https://signin.aws.amazon.com/saml#210987654321");
    expect(identifier("aws-cn", "210987654321")).toBe("https://signin.amazonaws.cn/saml#210987654321");
    expect(identifier("aws-us-gov", "210987654321")).toBe("https://signin.amazonaws-us-gov.com/saml#210987654321");
  });

  test.each([
    ["aws", [], ["https://signin.aws.amazon.com/saml"]],
    ["aws", ["us-east-1"], ["https://signin.aws.amazon.com/saml"]],
    [
      "aws",
      ["us-west-2", "us-east-1", "eu-west-1", "us-west-2"],
      [
        "https://signin.aws.amazon.com/saml",
        "https://us-west-2.signin.aws.amazon.com/saml",
        "https://eu-west-1.signin.aws.amazon.com/saml",
      ],
    ],
    ["aws-cn", ["cn-north-1"], ["https://signin.amazonaws.cn/saml", "https://cn-north-1.signin.amazonaws.cn/saml"]],
    ["aws-us-gov", ["us-gov-west-1", "us-gov-east-1"], ["https://signin.amazonaws-us-gov.com/saml"]],
  ] as const)(
    "lists the sign-in endpoints of %s with %j: the default one first, each once, none with #",
    (partition, regions, expected) => {
      expect(signInEndpoints(partition, regions)).toEqual(expected);
      expect(signInEndpoints(partition, regions).join()).not.toContain("#");
    },
  );

  test("knows issuer, sign-in host, My Apps link and consoles", () => {
    const entra = entraCloud("public");
    expect(entra?.issuer("t")).toBe("https://sts.windows.net/t/");
    expect(entra?.login).toBe("https://login.microsoftonline.com");
    expect(entra?.myApps("c", "t")).toBe("https://launcher.myapps.microsoft.com/api/signin/c?tenantId=t");
    expect(awsCloud("aws").console("eu-west-1")).toBe(
      "https://eu-west-1.console.aws.amazon.com/console/home?region=eu-west-1",
    );
    expect(awsCloud("aws-cn").console("cn-north-1")).toContain("console.amazonaws.cn/");
    expect(awsCloud("aws-us-gov").console("us-gov-west-1")).toContain("console.amazonaws-us-gov.com/");
  });

  test.each([
    ["aws", "eu-west-1", "cn-north-1"],
    ["aws", "ap-southeast-7", "us-gov-west-1"],
    ["aws", "il-central-1", "us-iso-east-1"],
    ["aws", "us-east-1", "eu-isoe-west-1"],
    ["aws", "ca-west-1", "eusc-de-east-1"],
    ["aws", "eu-west-1", "eu-west-1a"],
    ["aws-cn", "cn-northwest-1", "us-east-1"],
    ["aws-us-gov", "us-gov-east-1", "us-east-1"],
  ] as const)("in partition %s there is %s, but not %s", (partition, inside, outside) => {
    expect(awsCloud(partition).region.test(inside)).toBe(true);
    expect(awsCloud(partition).region.test(outside)).toBe(false);
    expect(awsCloud(partition).region.test(awsCloud(partition).regionExample)).toBe(true);
  });
});

describe("the Role claim", () => {
  const role = "arn:aws:iam::210987654321:role/Administrator";
  const provider = "arn:aws:iam::210987654321:saml-provider/MicrosoftEntraID";

  test("has the role first, the provider second, one comma and no space", () => {
    expect(roleClaim(role, provider)).toBe(`${role},${provider}`);
    expect(MAX_ROLE_CLAIM).toBe(239);
  });

  test("gives the app role an id that is a GUID, always the same, and another for another role or provider", () => {
    const id = appRoleId(roleClaim(role, provider));
    // Written out: another id would replace every assignment of every account at the next deploy.
    expect(id).toBe("f9c314a0-6130-5045-a07e-d4b720809779");
    expect(isGuid(id)).toBe(true);
    expect(appRoleId(roleClaim(`${role}s`, provider))).not.toBe(id);
    expect(appRoleId(roleClaim(role, `${provider}2`))).not.toBe(id);
  });
});

describe("the claims mapping policy", () => {
  const mapping = (name: RoleSessionName, seconds = 3600) =>
    (JSON.parse(claimsMapping(name, seconds)) as { ClaimsMappingPolicy: Record<string, unknown> }).ClaimsMappingPolicy;
  const attribute = (name: string) => `https://aws.amazon.com/SAML/Attributes/${name}`;

  test("sends the assigned roles, the user principal name and the length of the session, beside the NameID", () => {
    expect(mapping("userPrincipalName", 43_200)).toEqual({
      Version: 1,
      IncludeBasicClaimSet: "true",
      ClaimsSchema: [
        { Source: "user", ID: "assignedroles", SamlClaimType: attribute("Role") },
        { Source: "user", ID: "userprincipalname", SamlClaimType: attribute("RoleSessionName") },
        { Value: "43200", SamlClaimType: attribute("SessionDuration") },
      ],
    });
  });

  test("can name the session by object id", () => {
    expect(mapping("objectId")["ClaimsSchema"]).toContainEqual({
      Source: "user",
      ID: "objectid",
      SamlClaimType: attribute("RoleSessionName"),
    });
  });

  test("can clean the user principal name: the transformation reads it, and its output is the claim", () => {
    const { ClaimsSchema, ClaimsTransformations } = mapping("cleanedUserPrincipalName");
    expect(ClaimsSchema).toContainEqual({ Source: "user", ID: "userprincipalname" });
    expect(ClaimsSchema).toContainEqual({
      Source: "transformation",
      ID: "CleanedName",
      TransformationId: "CleanName",
      SamlClaimType: attribute("RoleSessionName"),
    });
    expect(ClaimsTransformations).toEqual([
      {
        ID: "CleanName",
        TransformationMethod: "RegexReplace",
        InputClaims: [{ ClaimTypeReferenceId: "userprincipalname", TransformationClaimType: "sourceClaim" }],
        InputParameters: [
          { ID: "regex", Value: expect.any(String) },
          { ID: "replacement", Value: "-" },
        ],
        OutputClaims: [{ ClaimTypeReferenceId: "CleanedName", TransformationClaimType: "outputClaim" }],
      },
    ]);
  });

  const long = (length: number) => `${"x".repeat(length - 13)}@fabrikam.com`;
  test.each([
    ["anna@fabrikam.com", "anna@fabrikam.com"],
    ["o'neill@fabrikam.com", "o-neill@fabrikam.com"],
    ["guest_partner.example#EXT#@fabrikam.com", "guest_partner.example-EXT-@fabrikam.com"],
    ["zoë@fabrikam.com", "zo-@fabrikam.com"],
    [long(64), long(64)],
    [long(65), `${long(65).slice(0, 63)}-`],
    [long(113), `${long(113).slice(0, 63)}-`],
  ])("cleans %s to what AWS takes", (name, expected) => {
    const [{ InputParameters } = { InputParameters: [] }] = mapping("cleanedUserPrincipalName")[
      "ClaimsTransformations"
    ] as { InputParameters: { ID: string; Value: string }[] }[];
    const parameter = (id: string) => InputParameters.find(({ ID }) => ID === id)?.Value ?? "";
    const cleaned = name.replace(new RegExp(parameter("regex"), "g"), parameter("replacement"));
    expect(cleaned).toBe(expected);
    // https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithSAML.html
    expect(cleaned).toMatch(/^[\w+=,.@-]{2,64}$/);
  });
});

describe("the trust policy", () => {
  const providerArn = "arn:aws:iam::210987654321:saml-provider/MicrosoftEntraID";

  test("believes one provider, for sign-ins at one endpoint", () => {
    expect(samlTrustPolicy({ providerArn, audiences: ["https://a/saml"] })).toEqual({
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Allow",
          Principal: { Federated: providerArn },
          Action: "sts:AssumeRoleWithSAML",
          Condition: { StringEquals: { "SAML:aud": "https://a/saml" } },
        },
      ],
    });
  });

  test("can take several endpoints, and ask for the issuer as well", () => {
    const { Statement } = samlTrustPolicy({ providerArn, audiences: ["https://a", "https://b"], issuer: "https://i/" });
    expect(Statement[0]?.Condition).toEqual({
      StringEquals: { "SAML:aud": ["https://a", "https://b"], "SAML:iss": "https://i/" },
    });
  });
});

test.each([
  ["home/${aws:username}/*", "home/$${aws:username}/*"],
  ["home/${saml:sub}/${s3:prefix}", "home/$${saml:sub}/$${s3:prefix}"],
  ["${aws:PrincipalTag/team, 'none'}", "$${aws:PrincipalTag/team, 'none'}"],
  ["a${*}b${?}c${$}", "a$${*}b$${?}c$${$}"],
  ["$${aws:username}", "$${aws:username}"],
  ["${aws_s3_bucket.b.arn}", "${aws_s3_bucket.b.arn}"],
  ["${local.a ? 1 : 2}", "${local.a ? 1 : 2}"],
])(
  "a policy as Terraform text keeps IAM's variables from Terraform, and Terraform's own as they are: %s",
  (typed, written) => {
    const statement = (Resource: string) => ({ Effect: "Allow", Action: "s3:GetObject", Resource }) as const;
    const document = (resource: string) => ({ Version: "2012-10-17", Statement: [statement(resource)] }) as const;
    expect(policyText(document(typed))).toBe(JSON.stringify(document(written)));
  },
);

describe("who owns the app roles", () => {
  test("this code, with ids that follow from the roles unless some are kept", () => {
    expect(declared()).toEqual({ owner: "declared", keepRoleIds: {} });
    expect(declared({ keepRoleIds: { A: "id" } })).toEqual({ owner: "declared", keepRoleIds: { A: "id" } });
  });

  test("or Entra's role import, with a service account and nothing unproven unless told otherwise", () => {
    const accessKeys = { active: "k1" };
    expect(imported({ accessKeys })).toMatchObject({
      owner: "imported",
      accessKeys,
      userName: "Svc-EntraRoleImport",
      unproven: [],
    });
    expect(imported({ accessKeys, userName: "Svc-Other", unproven: ["issuer"] })).toMatchObject({
      userName: "Svc-Other",
      unproven: ["issuer"],
    });
  });
});
