import { Cloud } from "../cloud/cloud";
import { Engine } from "../provider/engine";
import { PluginServer } from "../provider/server";
import * as aws from "../provider/types/aws";
import { isBlock } from "../provider/types/aws/attributes";
import { tagsOf } from "../provider/types/aws/tags";
import type { Attributes } from "../provider/values";
import { Workspace } from "./support";

export type Resources = Record<string, Record<string, Record<string, unknown>>>;

/** An AWS account on this machine that the real `terraform` deploys to; the provider works in eu-west-1. */
export class AwsWorkspace {
  readonly cloud = new Cloud();
  private server: PluginServer | undefined;
  private opened: Workspace | undefined;

  constructor(readonly id = "111122223333") {}

  get account() {
    return this.cloud.account(this.id);
  }

  get workspace(): Workspace {
    if (!this.opened) throw new Error("the workspace is not open");
    return this.opened;
  }

  async open(): Promise<void> {
    const connect = ({ default_tags: blocks, region }: Attributes) => {
      const [block] = Array.isArray(blocks) ? blocks : [];
      const defaultTags = isBlock(block ?? null) ? tagsOf((block as Attributes).tags) : {};
      return { account: this.account, region: String(region), defaultTags };
    };
    this.server = await PluginServer.start([
      new Engine({ source: "registry.terraform.io/hashicorp/aws", ...aws, connect }),
    ]);
    this.opened = new Workspace(this.server.reattach);
  }

  close(): void {
    this.server?.stop();
    this.opened?.remove();
  }

  write(resource: Resources): void {
    this.workspace.write({
      terraform: { required_providers: { aws: { source: "hashicorp/aws", version: "6.25.0" } } },
      provider: {
        aws: { region: "eu-west-1", allowed_account_ids: [this.id], default_tags: [{ tags: { Stack: "test" } }] },
      },
      resource,
    });
  }

  /** Deploys and holds the second plan to "no changes". */
  async deploy(resource: Resources): Promise<string> {
    this.write(resource);
    const applied = await this.workspace.apply();
    if (applied.code !== 0) throw new Error(applied.out);
    await this.unchanged();
    return applied.out;
  }

  async unchanged(): Promise<void> {
    const again = await this.workspace.plan();
    if (again.code !== 0) throw new Error(`the second plan is not empty: ${again.out}`);
  }

  /** What Terraform says to a configuration that it cannot deploy. */
  async refusal(resource: Resources): Promise<string> {
    this.write(resource);
    const { code, out } = await this.workspace.apply();
    if (code === 0) throw new Error(`it was deployed: ${out}`);
    return out.replaceAll(/\s+/g, " ");
  }

  async destroy(): Promise<void> {
    const destroyed = await this.workspace.destroy();
    if (destroyed.code !== 0) throw new Error(destroyed.out);
  }

  /** Forgets an object and imports it again, and holds the plan after it to "no changes" where the id is all that an import needs. */
  async reimport(address: string, id: string): Promise<void> {
    const forgotten = await this.workspace.run("state", "rm", address);
    if (forgotten.code !== 0) throw new Error(forgotten.out);
    const imported = await this.workspace.import(address, id);
    if (imported.code !== 0) throw new Error(imported.out);
  }
}
