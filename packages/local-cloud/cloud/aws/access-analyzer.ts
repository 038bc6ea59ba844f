import { randomUUID } from "node:crypto";
import { ServiceError } from "../errors";
import type { AccountSettings } from "./account-settings";
import { notModelled } from "./errors";
import { type Tags, withTags } from "./names";
import { parsePolicyDocument } from "./policy-document";
import type { Roles } from "./roles";
import { type AccountContext, Service } from "./service";
import type { Table } from "./table";

/** What a filter asks of one property of a finding: https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_Criterion.html */
export interface Criterion {
  contains?: readonly string[];
  eq?: readonly string[];
  exists?: boolean;
  neq?: readonly string[];
}
export type Filter = Readonly<Record<string, Criterion>>;

export interface ArchiveRule {
  name: string;
  filter: Filter;
}

/** Somebody outside the account whom a resource lets in. */
export interface Finding {
  id: string;
  /** ARN of the role. */
  resource: string;
  resourceType: "AWS::IAM::Role";
  /** `Federated` or `AWS`, and who. */
  principalType: string;
  principal: string;
  isPublic: boolean;
  status: "ACTIVE" | "ARCHIVED" | "RESOLVED";
}

export interface AnalyzerState {
  arn: string;
  region: string;
  name: string;
  type: string;
  archiveRules: Record<string, ArchiveRule>;
  findings: Finding[];
  createDate: string;
  tags: Tags;
}

/** "Analyzers with an account zone of trust for external access: 1" a region, "Archive rules per analyzer: 100" (access-analyzer-quotas). */
const MAX_RULES = 100;
/** "up to 20 values per criterion" (API_Criterion: array members, maximum 20). */
const MAX_VALUES = 20;

// https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-filter-keys.html: those that an archive rule may have.
const FILTER_KEYS: Readonly<Record<string, (finding: Finding) => string | undefined>> = {
  resource: ({ resource }) => resource,
  resourceType: ({ resourceType }) => resourceType,
  resourceOwnerAccount: ({ resource }) => resource.split(":")[4],
  isPublic: ({ isPublic }) => String(isPublic),
  "principal.AWS": (finding) => (finding.principalType === "AWS" ? finding.principal : undefined),
  "principal.Federated": (finding) => (finding.principalType === "Federated" ? finding.principal : undefined),
  error: () => undefined,
};

const refusal = (code: string, message: string, status: number) => new ServiceError(code, message, status);
const notFound = (what: string) => refusal("ResourceNotFoundException", `${what} does not exist.`, 404);
const invalid = (message: string) => refusal("ValidationException", message, 400);

/** IAM Access Analyzer: who from outside the account is let in by its roles. Other kinds of resource and of analyzer are not modelled. */
export class AccessAnalyzer extends Service {
  private readonly analyzers: Table<AnalyzerState>;

  constructor(
    context: AccountContext,
    analyzers: Record<string, AnalyzerState>,
    private readonly settings: AccountSettings,
    private readonly roles: Roles,
  ) {
    super("access-analyzer", context);
    this.analyzers = this.table(analyzers, {
      notFound: (arn) => notFound(`Analyzer ${arn.slice(arn.indexOf("/") + 1)} in ${arn.split(":")[3]}`),
      lines: ({ arn, archiveRules }) => [
        arn,
        ...Object.keys(archiveRules).map((rule) => `${arn} archive rule ${rule}`),
      ],
    });
  }

  list(): readonly Readonly<AnalyzerState>[] {
    return this.analyzers.list();
  }

  find(region: string, name: string): Readonly<AnalyzerState> | undefined {
    return this.analyzers.find(this.key(region, name));
  }

  create(request: { region: string; name: string; type: string; tags?: Tags }): Promise<Readonly<AnalyzerState>> {
    const { region, name, type, tags = {} } = request;
    const arn = this.key(region, name);
    return this.mutate("CreateAnalyzer", arn, () => {
      if (!/^[A-Za-z][A-Za-z0-9_.-]{0,254}$/.test(name)) throw invalid(`analyzerName '${name}' is not valid`);
      if (type === "ORGANIZATION" && !this.settings.organization) {
        throw invalid("You must create an organization before you create an analyzer of the organization.");
      }
      if (type !== "ACCOUNT" && type !== "ORGANIZATION") throw notModelled(`An analyzer of type ${type}`);
      if (this.analyzers.find(arn)) throw refusal("ConflictException", `Analyzer ${name} already exists.`, 409);
      if (this.list().some((one) => one.region === region && one.type === type)) {
        const message = `There is an analyzer of type ${type} in ${region} already, and one is the quota.`;
        throw refusal("ServiceQuotaExceededException", message, 402);
      }
      const analyzer: AnalyzerState = {
        arn,
        region,
        name,
        type,
        archiveRules: {},
        findings: [],
        createDate: this.now(),
        tags: withTags({}, tags),
      };
      this.analyzers.rows[arn] = analyzer;
      return analyzer;
    });
  }

  /** Its archive rules and findings go with it. */
  delete(region: string, name: string): Promise<void> {
    return this.analyzers.remove("DeleteAnalyzer", this.key(region, name));
  }

  tag(region: string, name: string, tags: Tags): Promise<void> {
    return this.analyzers.tag(this.key(region, name), tags);
  }

  untag(region: string, name: string, keys: readonly string[]): Promise<void> {
    return this.analyzers.untag(this.key(region, name), keys);
  }

  createArchiveRule(region: string, analyzer: string, rule: ArchiveRule): Promise<void> {
    return this.change("CreateArchiveRule", region, analyzer, (own) => {
      checkFilter(rule.filter);
      if (own.archiveRules[rule.name]) {
        throw refusal("ConflictException", `Archive rule ${rule.name} already exists.`, 409);
      }
      if (Object.keys(own.archiveRules).length >= MAX_RULES) {
        throw refusal("ServiceQuotaExceededException", `An analyzer takes ${MAX_RULES} archive rules.`, 402);
      }
      own.archiveRules[rule.name] = rule;
    });
  }

  updateArchiveRule(region: string, analyzer: string, rule: ArchiveRule): Promise<void> {
    return this.change("UpdateArchiveRule", region, analyzer, (own) => {
      checkFilter(rule.filter);
      if (!own.archiveRules[rule.name]) throw notFound(`Archive rule ${rule.name}`);
      own.archiveRules[rule.name] = rule;
    });
  }

  deleteArchiveRule(region: string, analyzer: string, rule: string): Promise<void> {
    return this.change("DeleteArchiveRule", region, analyzer, (own) => {
      if (!own.archiveRules[rule]) throw notFound(`Archive rule ${rule}`);
      delete own.archiveRules[rule];
    });
  }

  /** What a rule does not do by itself: archives what was found before it. API_ApplyArchiveRule. */
  applyArchiveRule(region: string, analyzer: string, rule: string): Promise<void> {
    return this.change("ApplyArchiveRule", region, analyzer, (own) => {
      const { filter } = own.archiveRules[rule] ?? {};
      if (!filter) throw notFound(`Archive rule ${rule}`);
      for (const finding of own.findings) {
        if (finding.status === "ACTIVE" && fits(filter, finding)) finding.status = "ARCHIVED";
      }
    });
  }

  // Assumption aws-analyzer-findings, never checked: Access Analyzer has looked at every role by the time it is asked (AWS: within 30
  // minutes), and has one finding for each role and outside principal, whatever the conditions of the trust policy.
  /**
   * What an analyzer has found by the time of its next look, up to 30 minutes after a change. A rule archives new findings alone; one
   * whose access is gone is resolved. https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-archive-rules.html
   */
  findings(region: string, name: string): readonly Readonly<Finding>[] {
    const analyzer = this.analyzers.own(this.key(region, name));
    const open = this.roles
      .list()
      .flatMap(({ arn, assumeRolePolicyDocument }) =>
        outsiders(assumeRolePolicyDocument, this.account.id).map((principal) => ({ resource: arn, ...principal })),
      );
    const same = (one: Omit<Finding, "id" | "status" | "resourceType">) => (finding: Finding) =>
      finding.status !== "RESOLVED" && finding.resource === one.resource && finding.principal === one.principal;
    for (const finding of analyzer.findings) {
      if (!open.some((one) => same(one)(finding))) finding.status = "RESOLVED";
    }
    for (const access of open.filter((one) => !analyzer.findings.some(same(one)))) {
      const found: Finding = { id: randomUUID(), resourceType: "AWS::IAM::Role", ...access, status: "ACTIVE" };
      const archived = Object.values(analyzer.archiveRules).some(({ filter }) => fits(filter, found));
      analyzer.findings.push({ ...found, status: archived ? "ARCHIVED" : "ACTIVE" });
    }
    return analyzer.findings;
  }

  private key(region: string, name: string): string {
    return this.arn(region, `analyzer/${name}`);
  }

  private change<T>(operation: string, region: string, name: string, work: (analyzer: AnalyzerState) => T): Promise<T> {
    return this.analyzers.change(operation, this.key(region, name), work);
  }
}

function checkFilter(filter: Filter): void {
  if (Object.keys(filter).length === 0) throw invalid("An archive rule needs a filter.");
  for (const [key, criterion] of Object.entries(filter)) {
    if (key.startsWith("condition.")) throw notModelled(`The filter key ${key}`);
    if (!(key in FILTER_KEYS)) throw invalid(`Filter key ${key} is not supported by an archive rule.`);
    const { contains, eq, exists, neq } = criterion;
    const lists = [contains, eq, neq].filter((list) => list !== undefined);
    if (lists.length === 0 && exists === undefined) throw invalid(`Filter key ${key} says nothing.`);
    if (lists.some((list) => list.length < 1 || list.length > MAX_VALUES)) {
      throw invalid(`Filter key ${key} takes 1 to ${MAX_VALUES} values.`);
    }
  }
}

/** All properties have to fit (a rule's filter is a conjunction), each by all that is asked of it. */
function fits(filter: Filter, finding: Finding): boolean {
  return Object.entries(filter).every(([key, { contains, eq, exists, neq }]) => {
    const value = FILTER_KEYS[key]?.(finding);
    return (
      (exists === undefined || exists === (value !== undefined)) &&
      (eq === undefined || (value !== undefined && eq.includes(value))) &&
      (neq === undefined || value === undefined || !neq.includes(value)) &&
      (contains === undefined || contains.some((part) => value?.includes(part)))
    );
  });
}

/**
 * Principals of a trust policy that are outside the account: an identity provider, even the account's own, vouches for people that the
 * account does not know, so each is a finding. Services of AWS are none.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-resources.html#access-analyzer-iam-role
 */
function outsiders(trust: string, accountId: string): Pick<Finding, "principalType" | "principal" | "isPublic">[] {
  const found = parsePolicyDocument(trust)
    .statements.filter(({ effect }) => effect === "Allow")
    .flatMap(({ principals = {} }) => {
      const byType = principals === "*" ? { AWS: ["*"] } : principals;
      return Object.entries(byType).flatMap(([principalType, ids]) =>
        ids.map((principal) => ({ principalType, principal, isPublic: principal === "*" })),
      );
    })
    .filter(({ principalType, principal }) => {
      if (principalType === "Federated") return true;
      return principalType === "AWS" && principal !== accountId && principal.split(":")[4] !== accountId;
    });
  return [...new Map(found.map((one) => [`${one.principalType} ${one.principal}`, one])).values()];
}
