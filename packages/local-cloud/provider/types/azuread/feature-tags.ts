import type { Attributes, Value } from "../../values";
import { block, blocks, changed, flag, texts } from "./attributes";

/** The tags behind each feature (internal/helpers/applications, ExpandFeatures). */
const TAGS = {
  custom_single_sign_on: "WindowsAzureActiveDirectoryCustomSingleSignOnApplication",
  enterprise: "WindowsAzureActiveDirectoryIntegratedApp",
  gallery: "WindowsAzureActiveDirectoryGalleryApplicationNonPrimaryV1",
  hide: "HideApp",
} as const;

/** Tags to send: those of `feature_tags` when they are configured anew, else `tags`, which is empty where nothing is known of it. */
export function tagsToSend(planned: Attributes, prior: Attributes): string[] {
  const features = block(planned.feature_tags);
  if (!features || !changed(prior.feature_tags, planned.feature_tags)) return texts(planned.tags);
  return Object.entries(TAGS).flatMap(([feature, tag]) => (flag(features[feature]) ? [tag] : []));
}

/** `feature_tags` of a state: shown where it was written before, and when the object is being imported. */
export function featureTags(tags: readonly string[], state: Attributes): Value {
  const importing = (state.object_id ?? null) === null;
  if (!importing && blocks(state.feature_tags).length === 0) return [];
  return flattenFeatures(tags);
}

export function flattenFeatures(tags: readonly string[]): Attributes[] {
  const has = (tag: string) => tags.some((one) => one.toLowerCase() === tag.toLowerCase());
  return [Object.fromEntries(Object.entries(TAGS).map(([feature, tag]) => [feature, has(tag)]))];
}

/** Optional and computed: what is not configured stays as it was, unless the tags themselves change. */
export function planFeatureTags(change: { config: Attributes; prior: Attributes | null; planned: Attributes }): void {
  const { config, prior, planned } = change;
  if (!prior || blocks(config.feature_tags).length > 0) return;
  planned.feature_tags = changed(prior.tags, planned.tags) ? [] : (prior.feature_tags ?? []);
}
