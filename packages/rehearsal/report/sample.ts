import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Cloud } from "../../local-cloud/cloud/cloud";
import { importRoles, isImported } from "../deployed";
import { CommandFailed, LocalCloud } from "../run/local-cloud";
import type { SynthesizedStack } from "../run/stacks";

/** A project's stacks, deployed. */
export interface Sample {
  readonly cloud: Cloud;
  readonly stacks: readonly SynthesizedStack[];
}

/** Deploys all stacks of a project to a local cloud by the real `terraform`, with their roles imported, and forgets it after use. */
export async function withSample<T>(project: string, use: (sample: Sample) => T | Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "sample-"));
  const variables = { test_user_password: randomBytes(18).toString("base64url") };
  const local = await LocalCloud.start({ project, folder, variables });
  try {
    const names = await local.synth();
    for (const name of names) {
      await deploy(local, name);
      if (!isImported(local, name)) continue;
      await importRoles(local, name, "service principal");
      await deploy(local, name);
    }
    return await use({ cloud: local.cloud, stacks: names.map((name) => local.stack(name)) });
  } finally {
    local.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function deploy(local: LocalCloud, name: string): Promise<void> {
  const ran = await local.apply(name);
  if (ran.code !== 0) throw new CommandFailed("terraform apply", local.stack(name).folder, ran);
}
