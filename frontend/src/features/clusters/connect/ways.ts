import type { ConnectWay, Credentials } from "@/contract";

/** How a cluster is connected: a kubeconfig, or credentials in another way. */
export type Way = "kubeconfig" | ConnectWay;

export const WAYS: Readonly<Record<Way, { label: string; help: string }>> = {
  kubeconfig: {
    label: "Kubeconfig",
    help: "The file that kubectl uses. Its tokens and client certificates work; programs that it names (exec) do not run here.",
  },
  service_account: {
    label: "Service account",
    help: "An account made for KubeOrch, with no more rights than it needs. Its token does not end.",
  },
  token: { label: "Bearer token", help: "Any token that the API server accepts. You are warned before it ends." },
  certificate: {
    label: "Client certificate",
    help: "A certificate and its private key, signed by an authority that the API server knows.",
  },
  oidc: {
    label: "OIDC",
    help: "A sign-in at your identity provider. One sign-in serves every cluster with the same issuer and client, and renews itself.",
  },
  in_cluster: {
    label: "In cluster",
    help: "The cluster in which this server itself runs, by the service account of its own pod.",
  },
};

export type FormField = Exclude<keyof Credentials, "way" | "insecure">;

export interface FieldText {
  readonly name: FormField;
  readonly label: string;
  readonly help?: string;
  readonly placeholder?: string;
  /** A PEM text, or a long token. */
  readonly long?: boolean;
  /** Not to be read over a shoulder. */
  readonly secret?: boolean;
  readonly required?: boolean;
}

const SERVER: FieldText = {
  name: "server",
  label: "API server",
  placeholder: "https://cluster.example.com:6443",
  required: true,
};
const TRUST: readonly FieldText[] = [
  {
    name: "ca",
    label: "Certificate authority",
    help: "PEM, or PEM in base64. Leave it out where a public authority has signed the server's certificate.",
    placeholder: "-----BEGIN CERTIFICATE-----",
    long: true,
  },
];
const NAMESPACE: FieldText = {
  name: "namespace",
  label: "Namespace",
  help: "Only where the credentials are for one namespace.",
};

/** The fields of a way, in the order in which one fills them in. */
export const FIELDS: Readonly<Record<ConnectWay, readonly FieldText[]>> = {
  token: [SERVER, { name: "token", label: "Token", secret: true, required: true }, ...TRUST, NAMESPACE],
  service_account: [
    SERVER,
    { name: "token", label: "Token of the account", secret: true, required: true },
    ...TRUST,
    NAMESPACE,
  ],
  certificate: [
    SERVER,
    {
      name: "client_certificate",
      label: "Client certificate",
      placeholder: "-----BEGIN CERTIFICATE-----",
      long: true,
      required: true,
    },
    {
      name: "client_key",
      label: "Private key",
      help: "PEM, without a password.",
      placeholder: "-----BEGIN PRIVATE KEY-----",
      long: true,
      required: true,
    },
    ...TRUST,
    NAMESPACE,
  ],
  oidc: [
    SERVER,
    {
      name: "issuer",
      label: "Issuer",
      help: "The provider's address, exactly as in the API server's --oidc-issuer-url.",
      placeholder: "https://login.example.com/realms/platform",
      required: true,
    },
    { name: "client_id", label: "Client id", required: true },
    { name: "client_secret", label: "Client secret", help: "Where the client has one.", secret: true },
    {
      name: "refresh_token",
      label: "Refresh token",
      help: "From a sign-in with the scopes openid and offline_access. Leave it out where your team is signed in there already.",
      secret: true,
    },
    ...TRUST,
    {
      name: "issuer_ca",
      label: "Certificate authority of the issuer",
      help: "Where it is one of your own.",
      placeholder: "-----BEGIN CERTIFICATE-----",
      long: true,
    },
  ],
  in_cluster: [],
};

/** What a kubeconfig that names a program is answered with: the way that works for the same cluster. */
export interface Instead {
  readonly plugin: string;
  readonly does: string;
  readonly way: ConnectWay;
  readonly server: string;
  readonly ca: string;
  readonly issuer: string;
  readonly client_id: string;
}
