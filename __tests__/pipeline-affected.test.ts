import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App } from "cdktf";
import { federate } from "../main";
import { affected, type Stacks, withheld } from "../pipeline/affected";
import { chunks, deploys, MAX_CHUNKS } from "../pipeline/chunks";
import { isObject, type Json } from "../pipeline/json";
import { readStacks } from "../pipeline/run";

const folder = mkdtempSync(join(tmpdir(), "synth-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** The stacks of this repository, synthesized as the workflows do. */
const real = (() => {
  const app = new App({ outdir: folder, stackTraces: false });
  federate(app);
  app.synth();
  const stacks = readStacks(folder);
  if (stacks === undefined) throw new Error("nothing was synthesized");
  return stacks;
})();

/** The stacks after a change of one of them. */
function edited(name: string, edit: (stack: { [key: string]: Json }) => Json): Stacks {
  const stack = structuredClone(real.get(name));
  if (!isObject(stack)) throw new Error(`no stack ${name}`);
  return new Map([...real, [name, edit(stack)]]);
}

const [first = "", ...others] = [...real.keys()].sort();

test("two synths of the same code affect no stack", () => {
  expect(affected(real, new Map(real))).toEqual({ affected: [], removed: [], unchanged: [first, ...others] });
});

test("a changed attribute affects its stack alone", () => {
  const base = edited(first, (stack) => ({ ...stack, output: {} }));
  expect(affected(base, real)).toEqual({ affected: [first], removed: [], unchanged: others });
});

test("a new stack is affected and a missing one is removed", () => {
  const base = new Map([...real].filter(([name]) => name !== first));
  expect(affected(base, real).affected).toEqual([first]);
  expect(affected(real, base).removed).toEqual([first]);
});

test("without a base every stack is affected", () => {
  expect(affected(undefined, real).affected).toEqual([first, ...others]);
  expect(readStacks(join(folder, "nowhere"))).toBeUndefined();
});

test("metadata of cdktf affects nothing, wherever it stands", () => {
  const base = edited(first, (stack) => ({
    ...stack,
    "//": { metadata: { version: "0.0.0" } },
    resource: note(stack["resource"] ?? null),
  }));
  expect(affected(base, real).affected).toEqual([]);
});

test("the folder of the checkout, in the path of a local state, affects nothing", () => {
  const local = (path: string) => edited(first, (stack) => ({ ...stack, terraform: { backend: { local: { path } } } }));
  expect(affected(local("/base/terraform.tfstate"), local("/head/terraform.tfstate")).affected).toEqual([]);
  expect(affected(local("/base/terraform.tfstate"), real).affected).toEqual([first]);
});

test("the order of keys affects nothing, the order of a list does", () => {
  const base = new Map<string, Json>([["a", { x: 1, y: [1, 2] }]]);
  expect(affected(base, new Map([["a", { y: [1, 2], x: 1 }]])).affected).toEqual([]);
  expect(affected(base, new Map([["a", { y: [2, 1], x: 1 }]])).affected).toEqual(["a"]);
});

/** Writes a comment into every object. */
function note(value: Json): Json {
  if (Array.isArray(value)) return value.map(note);
  if (!isObject(value)) return value;
  return { ...Object.fromEntries(Object.entries(value).map(([key, member]) => [key, note(member)])), "//": "moved" };
}

const names = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => `account-${String(index).padStart(3, "0")}`);

test.each([0, 1, 7, 8, 9, 256, 257, 300])("deals %i stacks out evenly, each to one job", (count) => {
  const dealt = chunks(names(count));
  expect(dealt).toHaveLength(Math.min(count, MAX_CHUNKS));
  expect(dealt.flatMap(({ stacks }) => stacks)).toEqual(names(count));
  const sizes = dealt.map(({ stacks }) => stacks.length);
  if (count > 0) expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
});

test("a stack is deployed by the first stage that names it", () => {
  const stages = [
    { environment: "test", stacks: ["aws-test-*", "aws-sandbox"] },
    { environment: "production", stacks: ["*"] },
  ];
  expect(deploys(["aws-prod", "aws-test-1", "aws-sandbox", "aws-sandbox2"], stages)).toEqual([
    { environment: "test", stacks: ["aws-sandbox"] },
    { environment: "test", stacks: ["aws-test-1"] },
    { environment: "production", stacks: ["aws-prod"] },
    { environment: "production", stacks: ["aws-sandbox2"] },
  ]);
});

test("refuses a stack that no stage deploys", () => {
  expect(() => deploys(["aws.account1", "other"], [{ environment: "production", stacks: ["aws.*"] }])).toThrow(
    "no stage in .github/stages.json names other",
  );
  expect(() => deploys(["awsXaccount1"], [{ environment: "production", stacks: ["aws.*"] }])).toThrow("awsXaccount1");
});

test("refuses more deploy jobs than a run takes", () => {
  const stages = names(33).map((name) => ({ environment: name, stacks: [`${name}-*`] }));
  const stacks = stages.flatMap(({ environment }) => names(8).map((name) => `${environment}-${name}`));
  expect(() => deploys(stacks, stages)).toThrow("264 deploy jobs, a run takes 256");
});

test("a run takes 256 deploy jobs, and not one more", () => {
  // A stage with eight stacks or more has eight jobs.
  const jobs = (number: number) => {
    const names = Array.from({ length: number }, (_, index) => `aws-${String(index).padStart(3, "0")}`);
    const stages = Array.from({ length: Math.ceil(number / 8) }, (_, stage) => ({
      environment: `stage-${stage}`,
      stacks: names.slice(stage * 8, stage * 8 + 8),
    }));
    return deploys(names, stages);
  };
  expect(jobs(256)).toHaveLength(256);
  expect(() => jobs(257)).toThrow("257 deploy jobs, a run takes 256");
});

describe("what a pull request does not plan", () => {
  const key = { resource: { aws_iam_access_key: { k1: { user: "Svc-A" } } } };
  const none = { resource: { aws_iam_role: { developer: { name: "Developer" } } } };
  const names = (base: Stacks | undefined, head: Stacks) => withheld(["s"], base, head).map(({ stack }) => stack);
  const stacks = (stack: Json): Stacks => new Map([["s", stack]]);

  test("is a stack whose state may hold a secret, before the change or after it", () => {
    expect(names(stacks(none), stacks(none))).toEqual([]);
    expect(names(stacks(none), stacks(key))).toEqual(["s"]);
    // The pull request takes the key away; the state that a plan reads still has it.
    expect(names(stacks(key), stacks(none))).toEqual(["s"]);
    expect(names(new Map(), stacks(none))).toEqual([]);
  });

  test("is every stack while nobody knows what was deployed", () => {
    expect(names(undefined, stacks(none))).toEqual(["s"]);
  });

  test("is shown as the synthesized difference", () => {
    const [first] = withheld(
      ["s"],
      stacks(key),
      stacks({ resource: { aws_iam_access_key: { k1: { user: "Svc-B" } } } }),
    );
    expect(first?.list).toContain('- resource.aws_iam_access_key.k1.user = "Svc-A"');
    expect(first?.list).toContain('+ resource.aws_iam_access_key.k1.user = "Svc-B"');
  });
});
