import { FolderGit2, GitBranch, Plug } from "lucide-react";
import { useState } from "react";
import { asProblem } from "@/api";
import type { GitConnection } from "@/contract";
import { covers, roleIn } from "@/model/roles";
import { EditRemove, ExpiryTag, TestTrouble, useSession } from "@/product";
import { Button, Facts, Field, Input, LinkButton, RelativeTime, SidePanel } from "@/ui";
import { ConnectionState, placeOf, tokenFact } from "./columns";
import { ConnectionSteps } from "./ConnectionSteps";
import { DeployKeys } from "./DeployKeys";
import { HostKeys } from "./HostKeys";
import { labelOf } from "./providers";
import { SignInNote } from "./SignInNote";
import { useTestConnection } from "./queries";

/** The details of a git connection, and its actions. */
export function ConnectionPanel({
  connection,
  onClose,
  onEdit,
  onRemove,
}: {
  connection: GitConnection;
  onClose: () => void;
  onEdit: () => void;
  onRemove: () => void;
}) {
  const test = useTestConnection(connection.id);
  const [repository, setRepository] = useState("");
  const user = useSession().data?.user;
  const signedInAt = connection.oauth?.signed_in_at ?? null;
  // Before somebody has signed in, there is nothing to try and nothing to choose from.
  const waits = connection.oauth !== null && signedInAt === null;
  const mayTest = covers(roleIn(user, connection.team.id), "editor") && !waits;
  const problem = test.error ? asProblem(test.error) : null;
  return (
    <SidePanel name="connection" title={connection.name} subtitle={placeOf(connection)} onClose={onClose}>
      <div className="flex flex-col gap-5 p-4">
        <div className="flex flex-wrap items-center gap-2">
          <ConnectionState connection={connection} />
          <ExpiryTag of={connection} what="token" />
        </div>
        <SignInNote connection={connection} />
        {mayTest && (
          <form
            className="flex items-end gap-2"
            onSubmit={(event) => {
              event.preventDefault();
              test.mutate(repository.trim());
            }}
          >
            <Field className="flex-1" label="Test with a repository" aside="optional" error={problem?.of("repository")}>
              <Input
                mono
                value={repository}
                placeholder="owner/name"
                maxLength={1000}
                onChange={(event) => setRepository(event.target.value)}
              />
            </Field>
            <Button type="submit" icon={<Plug size={14} aria-hidden />} busy={test.isPending}>
              {test.isPending ? "Testing" : "Test"}
            </Button>
          </form>
        )}
        {test.data ? (
          <ConnectionSteps report={test.data.report} />
        ) : (
          <TestTrouble error={problem?.of("repository") ? null : test.error} last={connection.error} />
        )}
        {mayTest && (
          <div className="flex flex-wrap gap-2">
            <LinkButton
              size="sm"
              icon={<GitBranch size={14} aria-hidden />}
              to={`/from-git?connection=${connection.id}`}
            >
              New from git
            </LinkButton>
            <LinkButton
              size="sm"
              icon={<FolderGit2 size={14} aria-hidden />}
              to={`/builds/sources?new=1&connection=${connection.id}`}
            >
              New source
            </LinkButton>
          </div>
        )}
        <Facts
          rows={[
            ["Provider", labelOf(connection.provider)],
            [
              "Address",
              <span key="address" className="font-mono text-12 break-all">
                {connection.address}
              </span>,
            ],
            connection.oauth && [
              "Client ID",
              <span key="client" className="font-mono text-12 break-all">
                {connection.oauth.client_id}
              </span>,
            ],
            connection.app
              ? ["GitHub App", `${connection.app.id}, installation ${connection.app.installation}`]
              : tokenFact(connection),
            connection.scopes !== null && [
              connection.app ? "Permissions" : "Scopes",
              connection.scopes.join(", ") || "none",
            ],
            connection.expires_at !== null && [
              connection.expiry_is_told ? "Token ends" : "Token ends (noted)",
              <RelativeTime key="expires" at={connection.expires_at} />,
            ],
            connection.ca !== "" && ["Certificate", "signed by an authority of its own"],
            signedInAt !== null && [
              "Signed in",
              <span key="signed-in">
                <RelativeTime at={signedInAt} />
                {connection.oauth?.signed_in_by && ` by ${connection.oauth.signed_in_by}`}
              </span>,
            ],
            ["Team", connection.team.name],
            ["Tested", <RelativeTime key="checked" at={connection.checked_at} />],
            ["Added", <RelativeTime key="added" at={connection.created_at} />],
          ]}
        />
        <DeployKeys connection={connection} />
        <HostKeys connection={connection} />
        {connection.may_edit && <EditRemove onEdit={onEdit} onRemove={onRemove} />}
      </div>
    </SidePanel>
  );
}
