import { join } from "node:path";
import {
  type handleUnaryCall,
  loadPackageDefinition,
  Server,
  ServerCredentials,
  type ServiceClientConstructor,
} from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";
import { type Engine, type Path, problemOf } from "./engine";
import { attributesOf, type Block, blocksOf, complete, isAttributes, type Schema, typeOf } from "./schema";
import type { Attributes, Problem } from "./values";
import { type DynamicValue, decode, encode } from "./wire";

/** The messages of plugin.proto as they come in: what was not sent is not there. */
interface Request {
  type_name?: string;
  config?: DynamicValue;
  prior_state?: DynamicValue;
  proposed_new_state?: DynamicValue;
  planned_state?: DynamicValue;
  current_state?: DynamicValue;
  raw_state?: { json?: Uint8Array };
  id?: string;
}

type Response = Record<string, unknown>;

/** Answers one call; `peer` tells the connections apart. */
type Method = (request: Request, peer: string) => Response | Promise<Response>;

const LARGEST_MESSAGE = 256 << 20; // as the core itself accepts

const PLUGIN = loadPackageDefinition(
  loadSync(join(__dirname, "plugin.proto"), { keepCase: true, longs: Number, enums: String, defaults: false }),
) as unknown as { tfplugin5: { Provider: ServiceClientConstructor } };

/** Providers being served to every `terraform` that is started with `reattach` in its environment. */
export class PluginServer {
  private constructor(
    private readonly servers: readonly Server[],
    /** Value of `TF_REATTACH_PROVIDERS`: Terraform connects to us and starts no provider of its own. */
    readonly reattach: string,
  ) {}

  /** Serves each provider on a port of its own that only this machine reaches. */
  static async start(engines: readonly Engine<unknown>[]): Promise<PluginServer> {
    const started = await Promise.all(
      engines.map(async (engine) => {
        const server = new Server({
          "grpc.max_receive_message_length": LARGEST_MESSAGE,
          "grpc.max_send_message_length": LARGEST_MESSAGE,
        });
        server.addService(PLUGIN.tfplugin5.Provider.service, handlers(methods(engine)));
        const port = await new Promise<number>((resolve, reject) => {
          server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
            error ? reject(error) : resolve(bound),
          );
        });
        return { source: engine.provider.source, server, port };
      }),
    );
    // https://developer.hashicorp.com/terraform/plugin/debugging#running-terraform-with-a-provider-in-debug-mode
    const reattach = Object.fromEntries(
      started.map(({ source, port }) => [
        source,
        {
          Protocol: "grpc",
          ProtocolVersion: 5,
          Pid: process.pid,
          Test: true,
          Addr: { Network: "tcp", String: `127.0.0.1:${port}` },
        },
      ]),
    );
    return new PluginServer(
      started.map(({ server }) => server),
      JSON.stringify(reattach),
    );
  }

  stop(): void {
    for (const server of this.servers) server.forceShutdown();
  }
}

function handlers(methods: Record<string, Method>): Record<string, handleUnaryCall<Request, Response>> {
  return Object.fromEntries(
    Object.entries(methods).map(([name, method]) => [
      name,
      (call, answer) => {
        Promise.resolve()
          .then(() => method(call.request, call.getPeer()))
          .then(
            (response) => answer(null, response),
            (error: unknown) =>
              answer(null, { diagnostics: [diagnostic(problemOf(call.request.type_name ?? name, error))] }),
          );
      },
    ]),
  );
}

function methods<Service>(engine: Engine<Service>): Record<string, Method> {
  /** Aliases and stacks that run side by side share this process; Terraform opens a connection for each configured provider. */
  const services = new Map<string, Service>();
  const service = (peer: string): Service => {
    const found = services.get(peer);
    if (found === undefined) throw new Error(`${engine.provider.source} is not configured`);
    return found;
  };
  const resource = (name: string) => engine.resourceSchema(name).block;
  const dataSource = (name: string) => engine.dataSourceSchema(name).block;
  const provider = engine.schema.provider.block;

  return {
    GetSchema: () => ({
      provider: schemaMessage(engine.schema.provider),
      resource_schemas: mapValues(engine.schema.resource_schemas, schemaMessage),
      data_source_schemas: mapValues(engine.schema.data_source_schemas, schemaMessage),
    }),
    PrepareProviderConfig: ({ config }) => ({ prepared_config: config }),
    Configure: ({ config }, peer) => {
      try {
        services.set(peer, engine.provider.connect(object(config, provider)));
        return {};
      } catch (error) {
        services.delete(peer);
        return diagnostics([problemOf(`provider ${engine.provider.source}`, error)]);
      }
    },
    ValidateResourceTypeConfig: ({ type_name = "", config }) =>
      diagnostics(engine.validateResource(type_name, object(config, resource(type_name)))),
    ValidateDataSourceConfig: ({ type_name = "", config }) =>
      diagnostics(engine.validateDataSource(type_name, object(config, dataSource(type_name)))),
    UpgradeResourceState: ({ type_name = "", raw_state }) => {
      const block = resource(type_name);
      return { upgraded_state: message(complete(block, object(raw_state, block)), block) };
    },
    ReadResource: async ({ type_name = "", current_state }, peer) => {
      const block = resource(type_name);
      try {
        const state = await engine.read(service(peer), type_name, object(current_state, block));
        return { new_state: message(state, block) };
      } catch (error) {
        return { new_state: current_state, ...diagnostics([problemOf(type_name, error)]) };
      }
    },
    PlanResourceChange: async ({ type_name = "", prior_state, proposed_new_state, config }, peer) => {
      const block = resource(type_name);
      const { planned, requiresReplace, problems } = await engine.plan(service(peer), type_name, {
        prior: objectOrNull(prior_state, block),
        proposed: objectOrNull(proposed_new_state, block),
        config: objectOrNull(config, block),
      });
      return {
        planned_state: message(planned, block),
        requires_replace: requiresReplace.map(pathMessage),
        ...LEGACY,
        ...diagnostics(problems),
      };
    },
    ApplyResourceChange: async ({ type_name = "", prior_state, planned_state }, peer) => {
      const block = resource(type_name);
      const { state, problems } = await engine.apply(service(peer), type_name, {
        prior: objectOrNull(prior_state, block),
        planned: objectOrNull(planned_state, block),
      });
      return { new_state: message(state, block), ...LEGACY, ...diagnostics(problems) };
    },
    ImportResourceState: async ({ type_name = "", id = "" }, peer) => {
      const block = resource(type_name);
      const state = await engine.import(service(peer), type_name, id);
      return { imported_resources: [{ type_name, state: message(state, block) }] };
    },
    ReadDataSource: async ({ type_name = "", config }, peer) => {
      const block = dataSource(type_name);
      return { state: message(await engine.readDataSource(service(peer), type_name, object(config, block)), block) };
    },
    Stop: () => ({}),
  };
}

/**
 * The real aws and azuread are built on SDK v2, which plans defaults on attributes that are not computed; the core bears it only from a
 * provider that says so. Of the framework's provider the engine itself makes sure that what was planned comes out.
 */
const LEGACY = { legacy_type_system: true };

function objectOrNull(value: DynamicValue | undefined, block: Block): Attributes | null {
  const decoded = decode(value, typeOf(block));
  return isAttributes(decoded) ? decoded : null;
}

function object(value: DynamicValue | undefined, block: Block): Attributes {
  return objectOrNull(value, block) ?? complete(block, {});
}

const message = (values: Attributes | null, block: Block): DynamicValue => encode(values, typeOf(block));

const mapValues = <T, R>(record: Readonly<Record<string, T>>, change: (value: T) => R): Record<string, R> =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]));

const schemaMessage = ({ version, block }: Schema): Response => ({ version, block: blockMessage(block) });

function blockMessage(block: Block): Response {
  return {
    deprecated: block.deprecated,
    attributes: attributesOf(block).map(([name, { type, ...flags }]) => ({
      name,
      type: Buffer.from(JSON.stringify(type)),
      ...flags,
    })),
    block_types: blocksOf(block).map(([name, nested]) => ({
      type_name: name,
      block: blockMessage(nested.block),
      nesting: nested.nesting_mode.toUpperCase(),
      min_items: nested.min_items,
      max_items: nested.max_items,
    })),
  };
}

const pathMessage = (path: Path): Response => ({
  steps: path.map((step) => (typeof step === "number" ? { element_key_int: step } : { attribute_name: step })),
});

const diagnostics = (problems: readonly Problem[]): Response => ({ diagnostics: problems.map(diagnostic) });

const diagnostic = ({ severity = "error", summary, detail, path }: Problem): Response => ({
  severity: severity.toUpperCase(),
  summary,
  detail,
  attribute: path && pathMessage(path),
});
