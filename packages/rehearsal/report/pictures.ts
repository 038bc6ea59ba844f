import type { DeployedAccount, Person, Role } from "./deployed-account";
import type { Eligibility } from "./eligibility";
import { type AccessPolicy, isFactor } from "./policies";
import { count, hours } from "./text";

/** Boxes in columns, and lines between them. */
export interface FlowPicture {
  readonly title: string;
  /** The picture in sentences, for whoever cannot see it. */
  readonly description: string;
  readonly columns: readonly Column[];
  readonly links: readonly Link[];
}

export interface Column {
  readonly name: string;
  readonly side: Side;
  readonly boxes: readonly Box[];
}

/** The cloud that something lives in. */
export type Side = "Microsoft Entra ID" | "AWS" | "people";

export interface Box {
  readonly id: string;
  readonly text: string;
  readonly note?: string;
  /** Not as it should be, or not there yet; the note says what. */
  readonly odd?: boolean;
}

export interface Link {
  readonly from: string;
  readonly to: string;
}

/** Who says what to whom, from top to bottom. */
export interface SequencePicture {
  readonly title: string;
  readonly description: string;
  readonly participants: readonly Participant[];
  readonly messages: readonly Message[];
}

export interface Participant {
  readonly id: string;
  readonly name: string;
  readonly note?: string;
  readonly side: Side;
}

export interface Message {
  readonly from: string;
  readonly to: string;
  readonly text: string;
  /** An answer: drawn as a broken line. */
  readonly reply?: boolean;
  /** Not as it should be; the text says what. */
  readonly odd?: boolean;
}

/** More people than these are counted, not drawn. */
const MAX_PEOPLE = 4;

/** The article's role mapping: people, groups, app roles, AWS roles, policies, as they are deployed. */
export function roleMapping(account: DeployedAccount): FlowPicture {
  const { groups, people, appRoles, assignments, roles } = account;
  const direct = new Set(
    assignments.flatMap(({ principalType, principalId }) => (principalType === "User" ? [principalId] : [])),
  );
  const crowds = groups.map((group) => {
    const eligibility = account.eligibilities.find(({ groupId }) => groupId === group.id);
    return crowdOf(group.id, group.people, people, direct, eligibility?.who.map(({ name }) => name) ?? []);
  });
  const shown = people.filter(({ id }) => direct.has(id) || crowds.some((crowd) => crowd.drawn.includes(id)));
  const missing = appRoles.flatMap(({ value }) =>
    value && !roles.some(({ claim }) => claim === value) ? [value] : [],
  );
  const policies = [...new Set(roles.flatMap((role) => role.policies))];
  const columns: Column[] = [
    {
      name: "People",
      side: "Microsoft Entra ID",
      boxes: [...shown.map(personBox), ...crowds.flatMap(({ rest }) => rest)],
    },
    {
      name: "Groups",
      side: "Microsoft Entra ID",
      boxes: groups.map(({ id, name, nested }) => ({
        id,
        text: name,
        note: groupNote(
          nested,
          account.eligibilities.find(({ groupId }) => groupId === id),
        ),
      })),
    },
    {
      name: "App roles",
      side: "Microsoft Entra ID",
      boxes: appRoles.map(({ id, displayName, isEnabled }) => ({
        id,
        text: displayName.split(",")[0] ?? displayName,
        ...(isEnabled ? {} : { note: "disabled", odd: true }),
      })),
    },
    {
      name: "IAM roles",
      side: "AWS",
      boxes: [
        ...roles.map((role) => {
          const { arn, name, claim, deniedBy } = role;
          const waits = account.pending.find((pending) => pending.role === name && pending.claim === claim);
          return {
            id: arn,
            text: name,
            note: waits?.why ?? lasts(role),
            odd: waits !== undefined || deniedBy.length > 0,
          };
        }),
        ...missing.map((claim) => ({ id: claim, text: roleName(claim), note: "not in AWS", odd: true })),
      ],
    },
    {
      name: "Policies",
      side: "AWS",
      boxes: [
        ...policies.map((name) => ({ id: `policy ${name}`, text: name })),
        ...roles.flatMap(({ arn, boundary }) =>
          boundary ? [{ id: `boundary ${arn}`, text: boundary, note: "permissions boundary" }] : [],
        ),
      ],
    },
  ];
  const links: Link[] = [
    ...groups.flatMap(({ id, people: members }) =>
      members.flatMap((person) => (shown.some((one) => one.id === person) ? [{ from: person, to: id }] : [])),
    ),
    ...crowds.flatMap(({ rest, group }) => rest.map(({ id }) => ({ from: id, to: group }))),
    ...assignments.map(({ principalId, appRoleId }) => ({ from: principalId, to: appRoleId })),
    ...appRoles.flatMap(({ id, value }) =>
      value ? [{ from: id, to: roles.find(({ claim }) => claim === value)?.arn ?? value }] : [],
    ),
    ...roles.flatMap(({ arn, policies: held, boundary }) => [
      ...held.map((name) => ({ from: arn, to: `policy ${name}` })),
      ...(boundary ? [{ from: arn, to: `boundary ${arn}` }] : []),
    ]),
  ];
  const boxes = new Set(columns.flatMap((column) => column.boxes.map(({ id }) => id)));
  const drawn = links.filter(({ from, to }) => boxes.has(from) && boxes.has(to));
  return { title: `Role mapping of ${account.title}`, description: inSentences(columns, drawn), columns, links: drawn };
}

/** How long a session is good for, and what takes it away again. */
const lasts = ({ longestSec, deniedBy }: Role): string =>
  [`up to ${hours(longestSec)}`, ...deniedBy.map((policy) => `denied by ${policy}`)].join(", ");

function groupNote(nested: readonly string[], eligibility: Eligibility | undefined): string | undefined {
  const notes = [
    ...(nested.length > 0 ? [`${nested.join(", ")} inside: no access`] : []),
    ...(eligibility ? [`activated for up to ${hours(eligibility.longestSec)}`] : []),
  ];
  return notes.join("; ") || undefined;
}

/** Who of a group is drawn, and a box for the others; one for nobody, too, or the column would look forgotten. */
function crowdOf(
  group: string,
  members: readonly string[],
  people: readonly Person[],
  direct: ReadonlySet<string>,
  eligible: readonly string[],
) {
  const known = people.filter(({ id }) => members.includes(id)).map(({ id }) => id);
  const drawn = known.length <= MAX_PEOPLE ? known : known.slice(0, MAX_PEOPLE - 1);
  const others = known.filter((id) => !drawn.includes(id) && !direct.has(id)).length;
  const none = known.length === 0 && eligible.length === 0;
  const text = none ? "nobody yet" : others > 0 ? `and ${others} more` : undefined;
  return {
    group,
    drawn,
    rest: [
      ...(text === undefined ? [] : [{ id: `others ${group}`, text }]),
      ...(eligible.length === 0 ? [] : [{ id: `eligible ${group}`, text: eligibleText(eligible), note: "eligible" }]),
    ],
  };
}

const eligibleText = (names: readonly string[]): string =>
  names.length <= MAX_PEOPLE
    ? names.join(", ")
    : `${names.slice(0, MAX_PEOPLE - 1).join(", ")} and ${names.length - MAX_PEOPLE + 1} more`;

const personBox = ({ id, name, enabled }: Person): Box => ({
  id,
  text: name,
  ...(enabled ? {} : { note: "disabled", odd: true }),
});

function inSentences(columns: readonly Column[], links: readonly Link[]): string {
  const names = new Map(columns.flatMap(({ boxes }) => boxes.map(({ id, text }) => [id, text])));
  const sentences = columns.flatMap(({ name, boxes }, at) =>
    boxes.map(({ id, text, note }) => {
      const to = links.filter((link) => link.from === id).flatMap((link) => names.get(link.to) ?? []);
      const leads = at < columns.length - 1 ? `, leads to ${to.join(", ") || "nothing"}` : "";
      return `${name.replace(/ies$/, "y").replace(/s$/, "").replace("People", "Person")} ${text}${note ? ` (${note})` : ""}${leads}.`;
    }),
  );
  return sentences.join(" ");
}

/** How a person signs in, from My Apps to a session in AWS. */
export function signInPicture(account: DeployedAccount): SequencePicture {
  const { title, policies, certificates, claims, providers, roles, replyUrls } = account;
  const [provider] = providers;
  const active = certificates.find((certificate) => certificate.active);
  const signed = active ? `signed with ${active.name}` : "not signed: no certificate is active";
  const open = roles.filter(({ name }) => !account.pending.some(({ role }) => role === name));
  const audiences = [...new Set(roles.flatMap((role) => role.audiences))].map(host);
  const messages: Message[] = [
    { from: "person", to: "my-apps", text: "opens the tile of the account" },
    { from: "my-apps", to: "entra", text: "sign-in to the enterprise app" },
    ...conditionalAccess(policies),
    {
      from: "entra",
      to: "aws",
      text: `SAML response, ${signed}: ${claims.join(", ") || "none of AWS's claims"}`,
      odd: !active || claims.length === 0,
    },
    { from: "aws", to: "provider", text: "right issuer, known certificate?" },
    {
      from: "provider",
      to: "aws",
      text: active?.inAws ? `yes, ${count(provider?.thumbprints.length ?? 0, "certificate")} known` : "no",
      reply: true,
      odd: !active?.inAws,
    },
    { from: "aws", to: "role", text: `AssumeRoleWithSAML from ${audiences.join(" or ") || "anywhere"}` },
    {
      from: "role",
      to: "person",
      text:
        open.length > 0
          ? `session as ${open.map((role) => `${role.name} (${lasts(role)})`).join(" or ")}`
          : "nobody yet: every role is pending",
      reply: true,
      odd: open.length === 0 || open.some(({ deniedBy }) => deniedBy.length > 0),
    },
  ];
  const participants: Participant[] = [
    { id: "person", name: "Person", side: "people" },
    { id: "my-apps", name: "My Apps", side: "Microsoft Entra ID" },
    { id: "entra", name: "Microsoft Entra ID", note: title, side: "Microsoft Entra ID" },
    {
      id: "policy",
      name: "Conditional Access",
      note:
        policies.length > 2
          ? `${policies.length} policies`
          : policies.map(({ name }) => name).join(", ") || "no policy",
      side: "Microsoft Entra ID",
    },
    { id: "aws", name: "AWS sign-in", note: replyUrls.map(host).join(", "), side: "AWS" },
    { id: "provider", name: "IAM identity provider", note: provider?.name ?? "missing", side: "AWS" },
    { id: "role", name: "IAM role", note: roles.map(({ name }) => name).join(", "), side: "AWS" },
  ];
  return sequence(`How a person enters ${title}`, participants, messages);
}

/** Each policy that counts at every sign-in, and in one line what some sign-ins are asked beside that. */
function conditionalAccess(policies: readonly AccessPolicy[]): Message[] {
  const ask: Message = { from: "entra", to: "policy", text: "may this person enter?" };
  const enforced = policies.filter(({ state }) => state === "on");
  const always = enforced.filter(({ when }) => when.length === 0);
  const sometimes = enforced.filter(({ when }) => when.length > 0);
  const factor = enforced.some(isFactor);
  const states = [...new Set(policies.filter(isFactor).map(({ state }) => state))].join(", ") || "no policy";
  return [
    ask,
    ...always.map((policy): Message => {
      return { from: "policy", to: "person", text: `asks ${whom(policy)}${exceptOf(policy)} for ${policy.asks}` };
    }),
    ...(sometimes.length > 0 ? [{ from: "policy", to: "person", text: sometimesText(sometimes) }] : []),
    ...(factor ? [{ from: "person", to: "policy", text: "shows a second factor", reply: true }] : []),
    factor
      ? { from: "policy", to: "entra", text: "yes", reply: true }
      : { from: "policy", to: "entra", text: `yes, without MFA (${states})`, reply: true, odd: true },
  ];
}

function exceptOf({ leavesOut, leavesOutGroups: groups }: AccessPolicy): string {
  const left = [
    ...(leavesOut.length > 0 ? [count(leavesOut.length, "emergency account")] : []),
    ...(groups.length > 0 ? [groups.length === 1 ? groups[0] : `members of ${count(groups.length, "group")}`] : []),
  ];
  return left.length > 0 ? ` except ${left.join(" and ")}` : "";
}

const whom = ({ covers }: AccessPolicy): string =>
  covers === "everyone" ? "everyone" : covers.includes(", ") ? "members of the groups" : `members of ${covers}`;

function sometimesText(policies: readonly AccessPolicy[]): string {
  const blocks = (blocking: boolean) =>
    policies.filter(({ asks }) => (asks === "blocks") === blocking).map(({ when }) => when.join(" with "));
  const [blocked, asked] = [blocks(true), blocks(false)];
  return [
    ...(blocked.length > 0 ? [`blocks ${blocked.join(", ")}`] : []),
    ...(asked.length > 0 ? [`asks more at ${asked.join(", ")}`] : []),
  ].join("; ");
}

/** How Entra learns which roles there are; `undefined` where the application declares them. */
export function roleImportPicture(account: DeployedAccount): SequencePicture | undefined {
  const { roleImport, accessKeys, roles, pending, title } = account;
  if (!roleImport) return undefined;
  const used = accessKeys.find((key) => key.used);
  const imported = roles.filter(({ name }) => !pending.some(({ role }) => role === name));
  const participants: Participant[] = [
    { id: "app", name: "Enterprise app", note: title, side: "Microsoft Entra ID" },
    {
      id: "job",
      name: "Provisioning job",
      note: `${roleImport.state.toLowerCase()}, every ${roleImport.minutes} minutes`,
      side: "Microsoft Entra ID",
    },
    { id: "user", name: "Provisioning user", note: used?.user ?? "none", side: "AWS" },
    { id: "iam", name: "IAM", note: `account ${account.accountId}`, side: "AWS" },
  ];
  const failed = roleImport.lastCycle !== undefined && roleImport.lastCycle !== "succeeded";
  const messages: Message[] = [
    { from: "job", to: "user", text: used ? "signs in with its access key" : "has no key that AWS knows", odd: !used },
    { from: "user", to: "iam", text: "iam:ListRoles" },
    { from: "iam", to: "job", text: `${count(roles.length, "role")} that trust the identity provider`, reply: true },
    {
      from: "job",
      to: "app",
      text: failed
        ? `last cycle failed: ${roleImport.lastCycle}`
        : imported.length > 0
          ? `app roles ${imported.map(({ name }) => name).join(", ")}`
          : "no app role yet: waits for its first cycle",
      odd: failed || imported.length === 0,
    },
  ];
  return sequence(`How Entra learns the roles of ${title}`, participants, messages);
}

function sequence(title: string, participants: readonly Participant[], messages: readonly Message[]): SequencePicture {
  const names = new Map(participants.map(({ id, name }) => [id, name]));
  const sentences = messages.map(
    ({ from, to, text }, at) => `${at + 1}. ${names.get(from)} to ${names.get(to)}: ${text}.`,
  );
  return { title, description: sentences.join(" "), participants, messages };
}

/** `eu-west-1.signin.aws.amazon.com` of a sign-in endpoint. */
const host = (url: string): string => url.replace(/^https:\/\/([^/]+).*$/, "$1");

const roleName = (claim: string): string => claim.split(",")[0]?.split("/").at(-1) ?? claim;
