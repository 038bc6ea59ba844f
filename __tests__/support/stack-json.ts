/** One resource, data source or provider block: its attributes and nested blocks as Terraform's JSON syntax writes them. */
export type Body = Readonly<Record<string, unknown>>;

/** A synthesized stack (`cdk.tf.json`), as far as the checks read it. */
export interface StackJson {
  readonly terraform?: { readonly required_providers?: Readonly<Record<string, { readonly source?: string }>> };
  readonly provider?: Readonly<Record<string, Body | readonly Body[]>>;
  readonly resource?: Readonly<Record<string, Readonly<Record<string, Body>>>>;
  readonly data?: Readonly<Record<string, Readonly<Record<string, Body>>>>;
  readonly output?: Readonly<Record<string, Body>>;
  readonly locals?: Body;
  readonly check?: Body;
}

export interface Block {
  readonly kind: "provider" | "resource" | "data";
  /** `aws_iam_role`; for a provider its local name, `aws`. */
  readonly type: string;
  /** `aws_iam_role.administrator`, `data.azuread_service_principals.found`, `provider.aws`. */
  readonly address: string;
  readonly body: Body;
}

/** Every provider, resource and data source of a stack, in the order of the file. */
export function blocksOf(stack: StackJson): Block[] {
  const named = (kind: "resource" | "data", prefix: string) =>
    Object.entries(stack[kind] ?? {}).flatMap(([type, byName]) =>
      Object.entries(byName).map(([name, body]): Block => ({ kind, type, address: `${prefix}${type}.${name}`, body })),
    );
  const providers = Object.entries(stack.provider ?? {}).flatMap(([type, bodies]) =>
    [bodies].flat().map(
      (body: Body): Block => ({
        kind: "provider",
        type,
        address: typeof body["alias"] === "string" ? `provider.${type}.${body["alias"]}` : `provider.${type}`,
        body,
      }),
    ),
  );
  return [...providers, ...named("resource", ""), ...named("data", "data.")];
}

/** Every text in a value, however deep. */
export function textsIn(value: unknown): string[] {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(textsIn) : [];
}
