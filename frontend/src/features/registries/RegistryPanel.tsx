import { Plug } from "lucide-react";
import type { Registry } from "@/contract";
import { covers, coversSomewhere, roleIn } from "@/model/roles";
import { EditRemove, ExpiryTag, TestTrouble, useSession } from "@/product";
import { Button, cx, Facts, RelativeTime, SidePanel, TONE_SOFT } from "@/ui";
import { placeOf, RegistryState } from "./columns";
import { labelOf } from "./providers";
import { PULLS } from "./PullFields";
import { useTestRegistry } from "./queries";
import { RegistrySteps } from "./RegistrySteps";

/** The details of a registry, and its actions. */
export function RegistryPanel({
  registry,
  onClose,
  onEdit,
  onRemove,
}: {
  registry: Registry;
  onClose: () => void;
  onEdit: () => void;
  onRemove: () => void;
}) {
  const test = useTestRegistry();
  const user = useSession().data?.user;
  const mayTest = registry.team
    ? covers(roleIn(user, registry.team.id), "editor")
    : coversSomewhere(user, "editor") || Boolean(user?.is_admin);
  return (
    <SidePanel name="registry" title={registry.name} subtitle={placeOf(registry)} onClose={onClose}>
      <div className="flex flex-col gap-5 p-4">
        <div className="flex items-center justify-between gap-3">
          <span className="flex flex-wrap gap-2">
            <RegistryState registry={registry} />
            <ExpiryTag of={registry} what="password" />
          </span>
          {mayTest && (
            <Button
              size="sm"
              icon={<Plug size={14} aria-hidden />}
              busy={test.isPending}
              onClick={() => test.mutate(registry.id)}
            >
              {test.isPending ? "Testing" : "Test"}
            </Button>
          )}
        </div>
        {test.data ? (
          <RegistrySteps report={test.data.report} />
        ) : (
          <TestTrouble error={test.error} last={registry.error} />
        )}
        {registry.has_secret && registry.pulls === "none" && (
          <p className={cx("rounded-md px-3 py-2 text-12", TONE_SOFT.warn)}>
            Nodes do not sign in here, so they pull no private image of it.{" "}
            {registry.may_edit ? "Edit it to choose as whom they do." : "An administrator can choose as whom they do."}
          </p>
        )}
        <Facts
          rows={[
            ["Provider", labelOf(registry.provider)],
            [
              "For images of",
              <span key="place" className="font-mono text-12 break-all">
                {placeOf(registry)}
              </span>,
            ],
            ["Account", registry.has_secret ? registry.username : "without signing in"],
            ["Nodes pull", PULLS[registry.pulls]],
            registry.expires_at !== null && [
              "Password ends (noted)",
              <RelativeTime key="expires" at={registry.expires_at} />,
            ],
            registry.plain_http && ["Connection", "without TLS"],
            registry.ca !== "" && ["Certificate", "signed by an authority of its own"],
            ["Used first", registry.is_default ? "yes, for this host and prefix" : "no, another one is the default"],
            ["Team", registry.team?.name ?? "every team"],
            ["Tested", <RelativeTime key="checked" at={registry.checked_at} />],
            ["Added", <RelativeTime key="added" at={registry.created_at} />],
          ]}
        />
        {registry.may_edit && <EditRemove onEdit={onEdit} onRemove={onRemove} />}
      </div>
    </SidePanel>
  );
}
