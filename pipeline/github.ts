import { isObject, type Json } from "./json";

/** One request to GitHub's REST API. */
export type GitHub = (method: "GET" | "POST" | "PATCH", path: string, body?: Json) => Promise<Json>;

/** GitHub as the job's own token sees it. */
export function github(environment: NodeJS.ProcessEnv): GitHub {
  const { GITHUB_API_URL: api = "https://api.github.com", GITHUB_TOKEN: token = "" } = environment;
  return async (method, path, body) => {
    const response = await fetch(`${api}${path}`, {
      method,
      headers: {
        accept: "application/vnd.github+json",
        authorization: `Bearer ${token}`,
        "x-github-api-version": "2022-11-28",
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`GitHub answered ${response.status} to ${method} ${path}`);
    return (await response.json()) as Json;
  };
}

/** Writes the one comment of a pull request: the first time a new one, later the same one again. */
export async function stickyComment(
  github: GitHub,
  repository: string,
  pullRequest: number,
  marker: string,
  text: string,
): Promise<void> {
  const comment = await own(github, `/repos/${repository}/issues/${pullRequest}/comments`, marker);
  const body = `${marker}\n${text}`;
  if (comment === undefined) await github("POST", `/repos/${repository}/issues/${pullRequest}/comments`, { body });
  else await github("PATCH", `/repos/${repository}/issues/comments/${comment.id}`, { body });
}

/** Writes the one open issue of this title, or closes it when there is nothing left to say. */
export async function stickyIssue(
  github: GitHub,
  repository: string,
  marker: string,
  title: string,
  text: string | undefined,
): Promise<void> {
  const issue = await own(github, `/repos/${repository}/issues?state=open&creator=github-actions%5Bbot%5D`, marker);
  if (issue !== undefined) {
    const change: Json =
      text === undefined ? { state: "closed", state_reason: "completed" } : { body: `${marker}\n${text}` };
    await github("PATCH", `/repos/${repository}/issues/${issue.number}`, change);
  } else if (text !== undefined) {
    await github("POST", `/repos/${repository}/issues`, { title, body: `${marker}\n${text}` });
  }
}

interface Post {
  readonly id: number;
  readonly number: number;
}

/** The post that this pipeline wrote before. A person who copies the marker into a post of their own does not get it overwritten. */
async function own(github: GitHub, path: string, marker: string): Promise<Post | undefined> {
  const query = path.includes("?") ? "&" : "?";
  for (let page = 1; ; page++) {
    const posts = await github("GET", `${path}${query}per_page=100&page=${page}`);
    if (!Array.isArray(posts)) throw new Error(`GitHub answered ${path} with no list`);
    for (const post of posts) {
      const author = isObject(post) && isObject(post["user"]) ? post["user"]["login"] : undefined;
      const body = isObject(post) ? post["body"] : undefined;
      if (author === "github-actions[bot]" && typeof body === "string" && body.startsWith(marker))
        return post as unknown as Post;
    }
    if (posts.length < 100) return undefined;
  }
}
