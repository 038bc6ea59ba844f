import { InjectedFault, ServiceError } from "../cloud/errors";
import { Engine } from "../provider/engine";
import { PartiallyCreated, type Provider, type ResourceType } from "../provider/resource-type";
import type { ProviderSchema } from "../provider/schema";
import { PluginServer } from "../provider/server";
import { type Attributes, UNKNOWN } from "../provider/values";
import { Workspace } from "./support";

jest.setTimeout(60_000);

/** A cloud of boxes: every store is one account, a box has whatever the schema below says. */
interface Store {
  readonly name: string;
  readonly boxes: Map<string, Attributes>;
  fault?: Error | undefined;
}

const stores = new Map<string, Store>();
let made = 0;

const store = (name: string): Store => {
  const found = stores.get(name) ?? { name, boxes: new Map<string, Attributes>() };
  stores.set(name, found);
  return found;
};

function breakIfAsked(at: Store): void {
  const { fault } = at;
  at.fault = undefined;
  if (fault) throw fault;
}

const box: ResourceType<Store> = {
  defaults: { path: "/", "compartment.kind": "open" },
  forceNew: ["name", "lock.code"],
  recomputedWhen: { digest: ["note"] },
  validate: (config) =>
    config.note === "forbidden" ? [{ summary: "note is forbidden", detail: "write another", path: ["note"] }] : [],
  plan(at, { planned }) {
    if (planned.name !== UNKNOWN) planned.arn = `arn:${at.name}:${String(planned.name)}`;
    if (planned.note === "odd") return [{ severity: "warning", summary: "an odd note", path: ["note"] }];
  },
  create(at, planned) {
    if ([...at.boxes.values()].some(({ name }) => name === planned.name)) {
      throw new ServiceError("EntityAlreadyExists", `Box ${String(planned.name)} already exists.`, 409);
    }
    const id = `box-${++made}`;
    const state = { ...planned, id, arn: `arn:${at.name}:${String(planned.name)}`, digest: `#${String(planned.note)}` };
    at.boxes.set(id, state);
    breakIfAsked(at);
    return state;
  },
  read: (at, { id }) => at.boxes.get(String(id)),
  update(at, planned, prior) {
    breakIfAsked(at);
    const state = { ...planned, digest: `#${String(planned.note)}` };
    at.boxes.set(String(prior.id), state);
    return state;
  },
  delete(at, { id }) {
    breakIfAsked(at);
    at.boxes.delete(String(id));
  },
  import: (_, id) => ({ id }),
};

/** Says one thing in the plan and makes another, each in its way. */
const liar: ResourceType<Store> = {
  plan(_, { planned }) {
    if (planned.lie === "in the plan") planned.lie = "never said";
    return [];
  },
  create: (_, planned) => ({ id: "1", lie: planned.lie === "after" ? "something else" : (planned.lie ?? null) }),
  read: (_, state) => state,
  delete: () => {},
};

const text = { type: "string", optional: true } as const;
const computed = { type: "string", computed: true } as const;

const schema: ProviderSchema = {
  provider: { version: 0, block: { attributes: { store: text } } },
  resource_schemas: {
    test_box: {
      version: 0,
      block: {
        attributes: {
          id: { type: "string", optional: true, computed: true },
          name: { type: "string", required: true },
          path: text,
          note: text,
          arn: computed,
          digest: computed,
          size: { type: "number", optional: true },
          words: { type: ["set", "string"], optional: true },
          tags: { type: ["map", "string"], optional: true },
          secret: { type: "string", optional: true, sensitive: true },
          body: { type: "dynamic", optional: true },
        },
        block_types: {
          compartment: {
            nesting_mode: "set",
            block: { attributes: { label: { type: "string", required: true }, kind: text } },
          },
          lock: {
            nesting_mode: "list",
            max_items: 1,
            block: { attributes: { code: { type: "number", required: true }, hint: text, made: computed } },
          },
          timeouts: { nesting_mode: "single", block: { attributes: { create: text } } },
        },
      },
    },
    test_liar: { version: 0, block: { attributes: { id: computed, lie: text } } },
    test_absent: { version: 0, block: { attributes: { id: computed } } },
  },
  data_source_schemas: {
    test_boxes: {
      version: 0,
      block: { attributes: { note: text, names: { type: ["list", "string"], computed: true } } },
    },
  },
};

const provider: Provider<Store> = {
  source: "registry.terraform.io/hashicorp/test",
  resources: {
    test_box: {
      ...box,
      create: async (at, planned) => withLock(await box.create(at, planned)),
    },
    test_liar: liar,
  },
  dataSources: {
    test_boxes: {
      read: ({ boxes }, config) => ({
        ...config,
        names: [...boxes.values()].filter(({ note }) => note === config.note).map(({ name }) => name ?? null),
      }),
    },
  },
  connect({ store: name }) {
    if (typeof name !== "string") throw new Error("store must be set");
    return store(name);
  },
};

/** What the service adds inside a block. */
function withLock(state: Attributes): Attributes {
  const lock = Array.isArray(state.lock)
    ? state.lock.map((item) => ({ ...(item as Attributes), made: "by hand" }))
    : [];
  Object.assign(state, { lock });
  return state;
}

let server: PluginServer;
let workspace: Workspace;

beforeAll(async () => {
  server = await PluginServer.start([new Engine(provider, schema)]);
});

afterAll(() => server.stop());

beforeEach(async () => {
  stores.clear();
  made = 0;
  workspace = new Workspace(server.reattach);
});

afterEach(() => workspace.remove());

const only = (): Attributes => {
  const boxes = [...store("main").boxes.values()];
  expect(boxes).toHaveLength(1);
  return boxes[0] ?? {};
};

/** Boxes by logical name, in the store `main`. */
function write(boxes: Record<string, unknown>, more: Record<string, unknown> = {}): void {
  workspace.write({
    terraform: { required_providers: { test: { source: "hashicorp/test" } } },
    provider: { test: { store: "main" } },
    ...(Object.keys(boxes).length > 0 ? { resource: { test_box: boxes } } : {}),
    ...more,
  });
}

test("makes what is planned, fills in defaults, and plans nothing afterwards", async () => {
  write({
    a: {
      name: "a",
      size: 2.5,
      words: ["y", "x", "x"],
      tags: { k: "v" },
      compartment: [{ label: "one" }, { label: "two", kind: "closed" }],
      lock: { code: 12 },
      timeouts: { create: "5m" },
    },
  });
  await workspace.init();
  const plan = await workspace.plan();
  expect(plan.code).toBe(2);
  expect(plan.out).toContain("1 to add, 0 to change, 0 to destroy");
  expect(plan.out).toMatch(/arn += "arn:main:a"/);
  expect(plan.out).toMatch(/path += "\/"/);
  expect(plan.out).toMatch(/digest += \(known after apply\)/);
  expect((await workspace.apply()).out).toContain("1 added, 0 changed, 0 destroyed");
  expect(await workspace.plan()).toMatchObject({ code: 0, out: expect.stringContaining("No changes.") });
  expect(await workspace.state("test_box.a")).toMatchObject({
    path: "/",
    size: 2.5,
    words: ["x", "y"],
    compartment: [
      { kind: "closed", label: "two" },
      { kind: "open", label: "one" },
    ],
    lock: [{ code: 12, made: "by hand" }],
    timeouts: { create: "5m" },
  });
});

test("updates in place, keeps computed values, and makes those anew that hang on what changed", async () => {
  write({ a: { name: "a", lock: { code: 1, hint: "old" } } });
  await workspace.init();
  await workspace.apply();
  write({ a: { name: "a", lock: { code: 1, hint: "new" } } });
  const hint = await workspace.plan();
  expect(hint.out).toContain("0 to add, 1 to change, 0 to destroy");
  expect(hint.out).not.toContain("known after apply");
  write({ a: { name: "a", note: "n" } });
  const note = await workspace.plan();
  expect(note.out).toMatch(/digest += "#null" -> \(known after apply\)/);
  expect(note.out).toContain("- lock {");
  expect((await workspace.apply()).out).toContain("0 added, 1 changed, 0 destroyed");
  expect(only()).toMatchObject({ note: "n", digest: "#n", lock: [] });
  expect((await workspace.plan()).code).toBe(0);
});

test("replaces when an attribute changes that cannot be updated, also inside a block", async () => {
  write({ a: { name: "a", lock: { code: 1 } } });
  await workspace.init();
  await workspace.apply();
  write({ a: { name: "a", lock: { code: 2 } } });
  const inside = await workspace.plan();
  expect(inside.out).toContain("1 to add, 0 to change, 1 to destroy");
  expect(inside.out).toMatch(/code +[=] 1 -> 2 # forces replacement/);
  write({ a: { name: "b", lock: { code: 1 } } });
  expect((await workspace.apply()).out).toContain("1 added, 0 changed, 1 destroyed");
  expect(only()).toMatchObject({ id: "box-2", name: "b" });
  expect((await workspace.plan()).code).toBe(0);
});

test("an empty list, an empty text and nothing are one", async () => {
  write({ a: { name: "a", note: "", words: [] } });
  await workspace.init();
  await workspace.apply();
  Object.assign(only(), { note: null, words: null });
  expect((await workspace.plan()).code).toBe(0);
  write({ a: { name: "a" } });
  expect((await workspace.plan()).code).toBe(0);
});

test("sees what was changed or deleted behind its back", async () => {
  write({ a: { name: "a", note: "mine" } });
  await workspace.init();
  await workspace.apply();
  Object.assign(only(), { note: "theirs" });
  expect((await workspace.plan()).out).toMatch(/note += "theirs" -> "mine"/);
  store("main").boxes.clear();
  expect((await workspace.plan()).out).toContain("1 to add, 0 to change, 0 to destroy");
});

test("imports what exists, and destroys it", async () => {
  store("main").boxes.set("box-9", { id: "box-9", name: "a", path: "/", arn: "arn:main:a", digest: "#null" });
  write({ a: { name: "a" } });
  await workspace.init();
  expect((await workspace.import("test_box.a", "nowhere")).out).toContain("Cannot import non-existent remote object");
  expect((await workspace.import("test_box.a", "box-9")).out).toContain("Import successful!");
  expect((await workspace.plan()).out).toContain("No changes.");
  expect((await workspace.destroy()).out).toContain("1 destroyed");
  expect(store("main").boxes.size).toBe(0);
  write({}, { resource: { test_liar: { a: {} } } });
  expect((await workspace.import("test_liar.a", "1")).out).toContain("does not support the import of test_liar");
});

test("carries values across resources that are known only after apply", async () => {
  write({
    a: { name: "a" },
    b: {
      name: "b",
      note: "${test_box.a.id}",
      words: ["${test_box.a.digest}", "w"],
      tags: { of: "x-${test_box.a.id}" },
    },
    c: { name: "c-${test_box.a.id}", body: { deep: [{ id: "${test_box.a.id}", n: 1, none: null }] } },
  });
  await workspace.init();
  const plan = await workspace.plan();
  expect(plan.out).toContain("3 to add");
  expect(plan.out).toMatch(/of" += \(known after apply\)/);
  expect((await workspace.apply()).out).toContain("3 added");
  expect(await workspace.state("test_box.b")).toMatchObject({
    note: "box-1",
    words: ["#null", "w"],
    tags: { of: "x-box-1" },
  });
  expect(await workspace.state("test_box.c")).toMatchObject({ arn: "arn:main:c-box-1" });
  expect((await workspace.plan()).code).toBe(0);
});

test("a dynamic value keeps its type, shows drift, and can be changed", async () => {
  const body = { list: '${tolist(["a"])}', nested: { yes: true, number: 3, nothing: null } };
  write({ a: { name: "a", body } });
  await workspace.init();
  await workspace.apply();
  expect((await workspace.plan()).code).toBe(0);
  Object.assign(only(), { body: { list: ["a"], nested: { yes: true, number: 3, nothing: null } } });
  expect((await workspace.plan()).code).toBe(0);
  Object.assign(only(), { body: { list: ["a"], nested: { yes: false, number: 3, nothing: null } } });
  expect((await workspace.plan()).out).toMatch(/yes += false -> true/);
  write({ a: { name: "a", body: "plain" } });
  await workspace.apply();
  expect(only().body).toBe("plain");
  expect((await workspace.plan()).code).toBe(0);
});

test("reads a data source at plan, and after apply where its arguments are known only then", async () => {
  store("main").boxes.set("x", { id: "x", name: "old", note: "seen" });
  write(
    { a: { name: "a", note: "seen" } },
    {
      data: {
        test_boxes: { now: { note: "seen" }, later: { note: "${test_box.a.note}", depends_on: ["test_box.a"] } },
      },
      output: { now: { value: "${data.test_boxes.now.names}" }, later: { value: "${data.test_boxes.later.names}" } },
    },
  );
  await workspace.init();
  expect((await workspace.plan()).out).toMatch(/now += \[\n +\+ "old"/);
  expect((await workspace.apply()).out).toMatch(/later = tolist\(\[\n {2}"old",\n {2}"a",/);
});

test("hides sensitive values, and never names a value in an error", async () => {
  write({ a: { name: "a", secret: "hunter2" } });
  await workspace.init();
  const { out } = await workspace.plan();
  expect(out).toMatch(/secret += \(sensitive value\)/);
  expect(out).not.toContain("hunter2");
});

test("two provider blocks reach two stores", async () => {
  write(
    { a: { name: "same" }, b: { name: "same", provider: "test.other" } },
    { provider: { test: [{ store: "main" }, { alias: "other", store: "other" }] } },
  );
  await workspace.init();
  expect((await workspace.apply()).out).toContain("2 added");
  expect(store("main").boxes.size).toBe(1);
  expect(store("other").boxes.size).toBe(1);
});

test("says the service's own code, and the provider's word on configuration, plan and provider block", async () => {
  store("main").boxes.set("x", { id: "x", name: "a" });
  write({ a: { name: "a", note: "odd" } });
  await workspace.init();
  const refused = await workspace.apply();
  expect(refused.code).toBe(1);
  expect(refused.out).toContain("Error: test_box: EntityAlreadyExists: Box a already exists.");
  expect(refused.out).toContain("Warning: an odd note");
  write({ a: { name: "a", note: "forbidden" } });
  expect((await workspace.validate()).out).toMatch(/Error: note is forbidden\s+with test_box\.a,[\s\S]*write another/);
  write({ a: { name: "a" } }, { provider: { test: {} } });
  expect((await workspace.plan()).out).toContain("provider registry.terraform.io/hashicorp/test: store must be set");
});

test("a type that is not modelled, or not in the schema, is refused by name", async () => {
  write({}, { resource: { test_absent: { a: {} } } });
  await workspace.init();
  expect((await workspace.plan()).out).toContain("the local cloud does not model test_absent");
  write({}, { resource: { test_unheard: { a: {} } } });
  expect((await workspace.plan()).out).toMatch(/does not support resource type\s+"test_unheard"/);
  const stranger = { ...provider, resources: { ...provider.resources, test_extra: liar } };
  expect(() => new Engine(stranger, schema)).toThrow("provider-schemas/ has no resource type test_extra");
});

test("an answer that was lost leaves no trace in the state, a broken update or destroy leaves what was", async () => {
  write({ a: { name: "a" } });
  await workspace.init();
  store("main").fault = new InjectedFault("box:Create", "after");
  expect((await workspace.apply()).out).toContain("box:Create was carried out, but its answer was lost");
  expect((await workspace.run("state", "list")).out).toBe("");
  store("main").boxes.clear();
  await workspace.apply();
  store("main").fault = new InjectedFault("box:Update", "before");
  write({ a: { name: "a", note: "new" } });
  expect((await workspace.apply()).out).toContain("the connection broke before box:Update");
  expect(await workspace.state("test_box.a")).toMatchObject({ note: null });
  store("main").fault = new InjectedFault("box:Delete", "before");
  expect((await workspace.destroy()).code).toBe(1);
  expect((await workspace.run("state", "list")).out).toContain("test_box.a");
});

test("an object that was made in part stays in the state and is replaced", async () => {
  write({ a: { name: "a" } });
  await workspace.init();
  store("main").fault = new PartiallyCreated(
    { id: "box-1", name: "a" },
    new ServiceError("Throttled", "Slow down.", 429),
  );
  expect((await workspace.apply()).out).toContain("test_box: Throttled: Slow down.");
  expect((await workspace.plan()).out).toContain("test_box.a is tainted, so must be replaced");
});

test("a resource type that does not keep its plan is found out", async () => {
  write({}, { resource: { test_liar: { a: { lie: "after" } } } });
  await workspace.init();
  expect((await workspace.apply()).code).toBe(0);
  expect((await workspace.plan()).out).toContain('"something else" -> "after"');
  write({}, { resource: { test_liar: { a: { lie: "in the plan" } } } });
  expect((await workspace.plan()).out).toContain("test_liar: lie is planned otherwise than it is configured");
});

test("a provider of the framework is held to its plan, and what it made stays in the state", async () => {
  const engine = new Engine({ ...provider, framework: true }, schema);
  const { state, problems } = await engine.apply(store("main"), "test_liar", {
    prior: null,
    planned: { id: UNKNOWN, lie: "after" },
  });
  expect(state).toEqual({ id: "1", lie: "something else" });
  expect(problems).toMatchObject([{ summary: "test_liar: lie came out otherwise than it was planned" }]);
});
