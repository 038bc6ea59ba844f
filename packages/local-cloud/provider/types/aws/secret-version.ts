import { notModelled } from "../../../cloud/aws/errors";
import type { ResourceType } from "../../resource-type";
import type { Attributes } from "../../values";
import { conflict, optionalText, text, texts } from "./attributes";
import type { AwsConnection } from "./connection";
import { uniqueSuffix } from "./names";
import { importedRegion, planRegion, regionOf } from "./region";

// Facts: internal/service/secretsmanager/secret_version.go of hashicorp/terraform-provider-aws.

const CURRENT = "AWSCURRENT";
const PREVIOUS = "AWSPREVIOUS";

/** `<ARN of the secret>|<version id>` */
function parseId(id: string): { arn: string; version: string } {
  const at = id.indexOf("|");
  if (at < 1 || at === id.length - 1) {
    throw new Error(`unexpected format of ID (${id}), expected SecretID|VersionID`);
  }
  return { arn: id.slice(0, at), version: id.slice(at + 1) };
}

function read(connection: AwsConnection, state: Attributes): Attributes | undefined {
  const id = text(state, "id");
  const { arn, version } = parseId(id);
  const { secrets } = connection.account;
  const found = secrets.version(arn, version);
  return (
    found && {
      id,
      arn,
      region: regionOf(connection, state),
      secret_id: arn,
      secret_string: secrets.value(arn, version) ?? null,
      has_secret_string_wo: false,
      version_id: version,
      version_stages: [...found.stages],
    }
  );
}

export const secretVersion: ResourceType<AwsConnection> = {
  forceNew: ["region", "secret_binary", "secret_id", "secret_string", "secret_string_wo_version"],
  validate: (config) => [
    ...conflict(config, "secret_binary", "secret_string"),
    ...conflict(config, "secret_string", "secret_string_wo"),
  ],
  plan(connection, change) {
    planRegion(connection, change);
    return [];
  },
  async create(connection, planned) {
    for (const name of ["secret_binary", "secret_string_wo"]) {
      if ((planned[name] ?? null) !== null) throw notModelled(`${name} of aws_secretsmanager_secret_version`);
    }
    const arn = text(planned, "secret_id");
    const stages = texts(planned, "version_stages");
    const version = await connection.account.secrets.putValue(arn, optionalText(planned, "secret_string") ?? "", {
      token: `terraform-${uniqueSuffix()}`,
      ...(stages.length > 0 ? { stages } : {}),
    });
    return read(connection, { ...planned, id: `${arn}|${version.id}` }) ?? planned;
  },
  read,
  async update(connection, planned, prior) {
    const { arn, version } = parseId(text(prior, "id"));
    const { secrets } = connection.account;
    const [had, wanted] = [texts(prior, "version_stages"), texts(planned, "version_stages")];
    const added = wanted.filter((one) => !had.includes(one));
    for (const stage of added) {
      const holder = secrets.find(arn)?.versions.find(({ stages }) => stages.includes(stage));
      await secrets.updateVersionStage(arn, stage, { to: version, ...(holder ? { from: holder.id } : {}) });
    }
    // The version that AWSCURRENT was taken from has AWSPREVIOUS by now.
    const moved = added.includes(CURRENT) ? [CURRENT, PREVIOUS] : [CURRENT];
    for (const stage of had.filter((one) => !wanted.includes(one) && !moved.includes(one))) {
      await secrets.updateVersionStage(arn, stage, { from: version });
    }
    return planned;
  },
  /** A version is never deleted: it loses its labels, all but AWSCURRENT. */
  async delete({ account: { secrets } }, state) {
    const { arn, version } = parseId(text(state, "id"));
    for (const stage of texts(state, "version_stages")) {
      const holds = secrets.version(arn, version)?.stages.includes(stage);
      if (stage !== CURRENT && holds) await secrets.updateVersionStage(arn, stage, { from: version });
    }
  },
  import: importedRegion,
};
