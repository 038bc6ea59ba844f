import { redact, secretsOfEnvironment } from "../pipeline/redact";

test.each([
  ["five characters are left to the allow-list", "abcde", false],
  ["six are cut out", "abcdef", true],
  ["eight are cut out", "abcdefgh", true],
])("of a secret %s", (_, secret, gone) => {
  const secrets = secretsOfEnvironment({ TF_VAR_test_user_password: secret });
  expect(redact(`the service says: ${secret} is too simple`, secrets).includes(secret)).toBe(!gone);
});
