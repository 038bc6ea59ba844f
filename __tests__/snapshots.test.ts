import { accessReview } from "./support/access";
import { configuration } from "./support/configuration";
import { synthesizedStacks } from "./support/synthesized-stacks";

// Snapshots as the plain text they are, without quotes around it.
expect.addSnapshotSerializer({ test: (value) => typeof value === "string", print: String });

/**
 * Two for every stack of `main.ts`: **access** is for whoever answers for who gets in, **configuration** for whoever answers for
 * the deploy. A new account has none yet, and `jest --ci` fails until somebody has made, read and committed them: `npx jest -u`.
 */
describe.each(synthesizedStacks())("$name", ({ json }) => {
  test("access", () => {
    expect(accessReview(json)).toMatchSnapshot();
  });

  test("configuration", () => {
    expect(configuration(json)).toMatchSnapshot();
  });
});
