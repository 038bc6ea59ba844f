import { groupOf } from "../pipeline/groups";
import { change, created, destroyed } from "./support/terraform-plan";

const group = (of: Parameters<typeof groupOf>[0]) => groupOf(of, undefined);

test("a forgotten object lives on: nobody gains or loses by it", () => {
  const key = "aws_iam_access_key.k1";
  expect(group(change(key, ["forget"], {}, null))).toBe("Other changes");
  expect(group(destroyed(key, {}))).toBe("Loses access");
  expect(group(created(key, {}))).toBe("Gains access");
});
