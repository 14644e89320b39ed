import { KeyRound, Layers, RotateCcwKey } from "lucide-react";
import { useState, type ReactNode } from "react";
import type { EmbeddedRegistry } from "@/contract";
import { sizeWord } from "@/model/importFiles";
import { covers } from "@/model/roles";
import { sentence } from "@/model/words";
import { useSession } from "@/product";
import { Button, CopyButton, ErrorState, Facts, LinkButton, ProgressBar, SidePanel } from "@/ui";
import { EmbeddedState, storedWords } from "./EmbeddedRow";
import { LoginDialog } from "./LoginDialog";
import { PasswordsDialog } from "./PasswordsDialog";

/** Where containerd looks for how a registry is spoken to. */
const folderOf = (address: string): string => `/etc/containerd/certs.d/${address}`;

function hostsFile(address: string): string {
  return [
    `server = "https://${address}"`,
    "",
    `[host."https://${address}"]`,
    '  capabilities = ["pull", "resolve"]',
    `  ca = "${folderOf(address)}/ca.crt"`,
    "",
  ].join("\n");
}

/** How the embedded registry does, who reaches it, and how a node is told of it. */
export function EmbeddedPanel({ embedded, onClose }: { embedded: EmbeddedRegistry; onClose: () => void }) {
  const { address, state, message, detail, is_loopback: isLoopback, ca } = embedded;
  const [asked, ask] = useState<"login" | "passwords" | null>(null);
  const teams = useSession().data?.user?.teams ?? [];
  const editors = teams.filter(({ role }) => covers(role, "editor"));
  const admins = teams.filter(({ role }) => covers(role, "admin"));
  const isOn = state !== "off" && address !== "";
  const isFailed = state === "failed" || state === "stopped";
  return (
    <SidePanel name="registry" title="Embedded registry" subtitle={address || "no address yet"} onClose={onClose}>
      <div className="flex flex-col gap-5 p-4">
        <div>
          <EmbeddedState embedded={embedded} />
        </div>
        {isFailed || (state === "ready" && detail) ? (
          <ErrorState inline title={sentence(message)} reason={detail ? sentence(detail) : undefined} />
        ) : (
          <p className="text-13 text-muted">{[message, detail].filter(Boolean).map(sentence).join(" ")}</p>
        )}
        {embedded.most_bytes > 0 && (
          <div className="flex flex-col gap-1.5">
            <p className="flex justify-between gap-2 text-12">
              <span>All teams</span>
              <span className="tnum text-muted">
                {sizeWord(embedded.size_bytes)} of {sizeWord(embedded.most_bytes)}
              </span>
            </p>
            <ProgressBar
              label="Stored, of what may be"
              value={embedded.size_bytes / embedded.most_bytes}
              tone={detail ? "bad" : "ok"}
            />
          </div>
        )}
        {embedded.team_most_bytes > 0 &&
          embedded.teams.map(({ id, name, size_bytes: size }) => (
            <div key={id} className="flex flex-col gap-1.5">
              <p className="flex justify-between gap-2 text-12">
                <span className="min-w-0 truncate">{name}</span>
                <span className="tnum text-muted">
                  {sizeWord(size)} of {sizeWord(embedded.team_most_bytes)}
                </span>
              </p>
              <ProgressBar
                label={`Stored by ${name}`}
                value={size / embedded.team_most_bytes}
                tone={size >= embedded.team_most_bytes ? "bad" : "ok"}
              />
            </div>
          ))}
        {isOn && (
          <div className="flex flex-wrap gap-2">
            {editors.length > 0 && (
              <LinkButton size="sm" icon={<Layers size={14} aria-hidden />} to="/registries/images">
                Images
              </LinkButton>
            )}
            {editors.length > 0 && (
              <Button size="sm" icon={<KeyRound size={14} aria-hidden />} onClick={() => ask("login")}>
                Password for docker login
              </Button>
            )}
            {admins.length > 0 && (
              <Button size="sm" icon={<RotateCcwKey size={14} aria-hidden />} onClick={() => ask("passwords")}>
                New passwords
              </Button>
            )}
          </div>
        )}
        {asked === "login" && <LoginDialog teams={editors} onClose={() => ask(null)} />}
        {asked === "passwords" && <PasswordsDialog teams={admins} onClose={() => ask(null)} />}
        <Facts
          rows={[
            [
              "Takes",
              embedded.takes_images
                ? "what is built here, unless its source names an image"
                : "only images that are named so",
            ],
            embedded.most_bytes > 0 && ["Stored", storedWords(embedded)],
            embedded.most_bytes > 0 && ["Repositories", embedded.repositories],
            ["Who", "each team, with a password of its own, below its own id"],
            ["Connection", isLoopback ? "without TLS, on this machine alone" : "TLS, with a certificate of its own"],
          ]}
        />
        <Section title="How nodes reach it">
          {isLoopback ? (
            <p className="text-13 text-muted">
              They do not: it listens on this machine alone. Nodes of the sandbox pull nothing. For a cluster of your
              own, start KubeOrch with <code className="font-mono text-12">KUBEORCH_EMBEDDED_REGISTRY_ADDRESS</code> set
              to a host and port of this machine, or add a registry that your nodes reach.
            </p>
          ) : (
            <>
              <p className="text-13 text-muted">
                With a pull secret that each run makes. They have to trust its certificate: put these two files on every
                node.
              </p>
              <NodeFile path={`${folderOf(address)}/hosts.toml`} text={hostsFile(address)} />
              {ca && <NodeFile path={`${folderOf(address)}/ca.crt`} text={ca} />}
            </>
          )}
        </Section>
      </div>
    </SidePanel>
  );
}

function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="flex flex-col gap-2 border-t border-line pt-4">
      <h3 className="text-13 font-medium">{title}</h3>
      {children}
    </section>
  );
}

function NodeFile({ path, text }: { path: string; text: string }) {
  return (
    <div className="flex flex-col gap-1">
      <div className="flex items-center justify-between gap-2">
        <span className="min-w-0 font-mono text-12 break-all text-muted">{path}</span>
        <CopyButton text={text} />
      </div>
      <pre className="max-h-40 overflow-auto rounded-md border border-line bg-code p-2 font-mono text-12">{text}</pre>
    </div>
  );
}
