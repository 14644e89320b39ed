import type { GitProvider } from "@/contract";

export type Way = "token" | "oauth" | "app";

interface Words {
  label: string;
  /** Where it is, where nobody says otherwise. */
  address: string;
  /** It is there alone. */
  isOnePlace?: boolean;
  example: string;
  username: string;
  token: string;
  help: string;
  /** How one may sign in there. */
  ways: readonly Way[];
}

const ACCOUNT = {
  address: "",
  example: "https://git.example.com",
  username: "",
  token: "Access token",
  ways: ["token"] as readonly Way[],
};

/** What each provider calls its credentials, and where one gets them. */
export const PROVIDERS: Readonly<Record<GitProvider, Words>> = {
  github: {
    ...ACCOUNT,
    label: "GitHub",
    address: "https://github.com",
    example: "https://github.example.com",
    ways: ["token", "oauth", "app"],
    token: "Personal access token",
    help: "Fine-grained, with Contents: read for the repositories; or classic, with the scope repo.",
  },
  gitlab: {
    ...ACCOUNT,
    label: "GitLab",
    address: "https://gitlab.com",
    example: "https://gitlab.example.com",
    ways: ["token", "oauth"],
    help: "Of yourself, a group or a project, with read_api and read_repository.",
  },
  gitea: {
    ...ACCOUNT,
    label: "Gitea or Forgejo",
    example: "https://gitea.example.com",
    ways: ["token", "oauth"],
    help: "Settings, Applications: with read for repository and user.",
  },
  bitbucket: {
    ...ACCOUNT,
    label: "Bitbucket Cloud",
    address: "https://bitbucket.org",
    isOnePlace: true,
    ways: ["token", "oauth"],
    username: "E-mail of the account",
    token: "API token or access token",
    help: "An API token needs the e-mail, an access token of a repository or workspace none. With read:repository.",
  },
  git: {
    ...ACCOUNT,
    label: "Another git server",
    example: "https://git.example.com, or git@git.example.com",
    username: "User name",
    token: "Token or password",
    help: "Leave both empty for repositories that are read by a deploy key, or by everybody.",
  },
};

export const WAYS: Readonly<Record<Way, string>> = { token: "Token", oauth: "Sign-in", app: "GitHub App" };

export const labelOf = (provider: GitProvider): string => PROVIDERS[provider].label;
