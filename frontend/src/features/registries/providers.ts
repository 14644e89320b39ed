import type { RegistryProvider } from "@/contract";

interface Words {
  label: string;
  /** Its one place; "" where a host has to be given. */
  host: string;
  example: string;
  prefix: string;
  username: string;
  secret: string;
  help: string;
}

const ACCOUNT = { host: "", example: "", prefix: "team", username: "User name", secret: "Password or token" };

/** What each provider calls its credentials, and where one gets them. */
export const PROVIDERS: Readonly<Record<RegistryProvider, Words>> = {
  docker_hub: {
    ...ACCOUNT,
    label: "Docker Hub",
    host: "docker.io",
    secret: "Access token",
    help: "Account settings, Personal access tokens: with Read & Write to push.",
  },
  ghcr: {
    ...ACCOUNT,
    label: "GitHub Container Registry",
    host: "ghcr.io",
    prefix: "owner",
    secret: "Personal access token (classic)",
    help: "With read:packages, and write:packages to push.",
  },
  gitlab: {
    ...ACCOUNT,
    label: "GitLab",
    example: "registry.gitlab.com",
    prefix: "group/project",
    secret: "Deploy or access token",
    help: "With read_registry, and write_registry to push.",
  },
  ecr: {
    ...ACCOUNT,
    label: "Amazon ECR",
    example: "123456789012.dkr.ecr.eu-central-1.amazonaws.com",
    prefix: "repository",
    username: "Access key id",
    secret: "Secret access key",
    help: "Of a user with ecr:GetAuthorizationToken. Repositories have to exist before they are pushed to.",
  },
  artifact_registry: {
    ...ACCOUNT,
    label: "Google Artifact Registry",
    example: "europe-west1-docker.pkg.dev",
    prefix: "project/repository",
    username: "",
    secret: "Key of a service account (JSON)",
    help: "With the role Artifact Registry Reader, or Writer to push.",
  },
  acr: {
    ...ACCOUNT,
    label: "Azure Container Registry",
    example: "acmeshop.azurecr.io",
    username: "Token name or client id",
    secret: "Token password or client secret",
    help: "A repository-scoped token, or a service principal with AcrPull or AcrPush.",
  },
  quay: {
    ...ACCOUNT,
    label: "Quay",
    host: "quay.io",
    prefix: "organization",
    username: "Robot account",
    secret: "Robot token",
    help: "With Read, or Write to push.",
  },
  harbor: {
    ...ACCOUNT,
    label: "Harbor",
    example: "harbor.example.com",
    prefix: "project",
    username: "User or robot account",
    help: "With Pull, and Push to push.",
  },
  generic: {
    ...ACCOUNT,
    label: "Another registry",
    example: "registry.example.com:5000",
    help: "Leave both empty for a registry that is read without signing in.",
  },
};

export const labelOf = (provider: RegistryProvider): string => PROVIDERS[provider].label;
