import { ChevronDown } from "lucide-react";
import { useState } from "react";
import { useNavigate } from "react-router";
import { asProblem, type ResourceAddress } from "@/api";
import type { Resource } from "@/contract";
import { sentence } from "@/model/words";
import { resourcePath, usePossibleActions } from "@/product";
import { Button, Menu, toast } from "@/ui";
import { DeleteResourceDialog } from "./DeleteResourceDialog";
import { useActOnResource } from "./queries";
import { ScaleDialog } from "./ScaleDialog";

/** How each action is called, and what is said once it is done. */
const WORDS: Readonly<Record<string, readonly [label: string, done: string]>> = {
  scale: ["Scale…", "Scaled"],
  restart: ["Restart", "Its pods are being replaced"],
  pause: ["Pause rollouts", "Paused"],
  resume: ["Resume", "Resumed"],
  suspend: ["Suspend", "Suspended"],
  trigger: ["Run now", "A Job was made"],
  retry: ["Run again", "A new Job was made"],
  delete: ["Delete…", "Deletion was asked for"],
};

/** They have places of their own: the YAML tab and the Terminal tab. */
const ELSEWHERE: ReadonlySet<string> = new Set(["edit", "shell"]);

/** Why none of several actions is possible, where one reason keeps all of them away: it is said once, at the top. */
export function refusedAlike(offered: readonly { allowed: boolean; reason: string }[]): string {
  const [first, ...others] = offered;
  return first && others.length > 0 && others.every(({ reason }) => reason === first.reason) ? first.reason : "";
}

/** What can be done to the object; what cannot says why. */
export function ResourceActions({ address, resource }: { address: ResourceAddress; resource: Resource }) {
  const navigate = useNavigate();
  const possible = usePossibleActions(address, resource.resource_version).data;
  const act = useActOnResource(address);
  const [open, setOpen] = useState<"scale" | "delete" | null>(null);
  const offered = (possible?.results ?? []).filter(({ action }) => !ELSEWHERE.has(action));
  const refused = refusedAlike(offered);
  const perform = (action: string) =>
    act.mutate(
      { action, uid: resource.uid },
      {
        onSuccess: ({ made }) => {
          toast({ tone: "ok", title: WORDS[action]?.[1] ?? action, detail: made?.name });
          if (made) void navigate(resourcePath({ clusterId: address.clusterId, ...made }));
        },
        onError: (error) =>
          toast({ tone: "bad", title: "That did not work", detail: sentence(asProblem(error).detail) }),
      },
    );
  const choose = (action: string) => (action === "scale" || action === "delete" ? setOpen(action) : perform(action));
  return (
    <>
      <Menu
        trigger={
          <Button busy={act.isPending} disabled={offered.length === 0} aria-label="Actions">
            Actions
            <ChevronDown size={14} aria-hidden />
          </Button>
        }
        entries={[
          refused !== "" && { type: "label", label: sentence(refused) },
          ...offered.map(({ action, allowed, reason }) => ({
            label: WORDS[action]?.[0] ?? action,
            hint: (!refused && reason) || undefined,
            danger: action === "delete",
            disabled: !allowed,
            onSelect: () => choose(action),
          })),
        ]}
      />
      {open === "scale" && (
        <ScaleDialog
          address={address}
          uid={resource.uid}
          replicas={possible?.replicas ?? 1}
          belonging={possible?.belongs_to ?? null}
          onClose={() => setOpen(null)}
        />
      )}
      {open === "delete" && (
        <DeleteResourceDialog
          address={address}
          uid={resource.uid}
          belonging={possible?.belongs_to ?? null}
          onClose={() => setOpen(null)}
        />
      )}
    </>
  );
}
