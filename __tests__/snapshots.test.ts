import { join } from "node:path";
import { accessReview } from "./support/access";
import { configuration } from "./support/configuration";
import { fileMatchers } from "./support/match-file";
import { synthesizedStacks } from "./support/synthesized-stacks";

expect.extend(fileMatchers);

const folder = join(__dirname, "snapshots");
const stacks = synthesizedStacks();

/**
 * Two files for every stack of `main.ts`: **access** is for whoever answers for who gets in, **configuration** for whoever answers for
 * the deploy. A new account has none yet, and `jest --ci` fails until somebody has made, read and committed them: `npm run test:unit -- -u`.
 */
describe.each(stacks)("$name", ({ name, json }) => {
  test("access", () => {
    expect(accessReview(json)).toMatchFile(join(folder, `${name}.access.txt`));
  });

  test("configuration", () => {
    expect(configuration(json)).toMatchFile(join(folder, `${name}.configuration.txt`));
  });
});

test("no file is left of a stack that is gone; terraform-addresses.test.ts writes the third of each", () => {
  const pages = ["access", "addresses", "configuration"];
  expect(stacks.flatMap(({ name }) => pages.map((page) => `${name}.${page}.txt`))).toBeTheFilesOf(folder);
});
