import { Webhook } from "lucide-react";
import { useState } from "react";
import type { MadePushAddress, Pushes, Source } from "@/contract";
import { explain } from "@/product";
import { Button, Checkbox, Dialog, EmptyState, ErrorState, RelativeTime, SkeletonRows, Switch, Tag } from "@/ui";
import { useMakePushAddress, usePushes, useSwitchPushAddress } from "../queries";
import { PushCalls } from "./PushCalls";
import { PushAddressMade } from "./PushAddressMade";
import { TakeBackDialog } from "./TakeBackDialog";

/** Whether pushes build the source, by which address, and what came of its last calls. */
export function PushDialog({ source, onClose }: { source: Source; onClose: () => void }) {
  const pushes = usePushes(source.id);
  const [made, setMade] = useState<MadePushAddress | null>(null);
  const [isTaken, setTaken] = useState(false);
  if (isTaken) return <TakeBackDialog source={source} onClose={() => setTaken(false)} />;
  if (made) return <PushAddressMade made={made} source={source} onClose={() => setMade(null)} />;
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={`Build ${source.name} on push`}
      description={`Its git host calls an address after each push to ${source.ref || "the default branch"}. The newest commit is built; what the call says is only a hint.`}
    >
      {pushes.isPending ? (
        <SkeletonRows rows={3} />
      ) : !pushes.data ? (
        <ErrorState
          className="py-6"
          title="It could not be loaded whether pushes build it"
          {...explain(pushes.error)}
          onRetry={() => void pushes.refetch()}
        />
      ) : (
        <Loaded source={source} pushes={pushes.data} onMade={setMade} onTakeBack={() => setTaken(true)} />
      )}
    </Dialog>
  );
}

interface LoadedProps {
  source: Source;
  pushes: Pushes;
  onMade: (made: MadePushAddress) => void;
  onTakeBack: () => void;
}

function Loaded({ source, pushes: { address, calls }, onMade, onTakeBack }: LoadedProps) {
  const make = useMakePushAddress(source.id);
  const change = useSwitchPushAddress(source.id);
  const [signed, setSigned] = useState(address?.signed ?? true);
  const failure = make.error ?? change.error;
  const busy = make.isPending || change.isPending;
  const signing = (
    <Checkbox
      checked={signed}
      onChange={setSigned}
      label="Calls are signed"
      help="With a secret that you give to the git host as well. Calls without it are refused."
    />
  );
  const add = (label: string, tone?: "primary") => (
    <Button tone={tone} busy={make.isPending} onClick={() => make.mutate(signed, { onSuccess: onMade })}>
      {label}
    </Button>
  );
  return (
    <>
      {address ? (
        <>
          <div className="flex items-start gap-3">
            <div className="flex min-w-0 flex-1 flex-col gap-0.5">
              <p className="flex flex-wrap items-center gap-x-2 text-13 font-medium">
                {address.enabled ? "Pushes build it" : "Switched off: calls are refused"}
                {address.signed && <Tag>signed calls</Tag>}
              </p>
              <p className="text-12 text-muted">
                Address made <RelativeTime at={address.made_at} /> · with the rights of {address.made_by.name}
              </p>
            </div>
            <Switch
              label="Build on push"
              checked={change.isPending ? change.variables : address.enabled}
              disabled={busy}
              onChange={(enabled) => change.mutate(enabled)}
            />
          </div>
          <section aria-label="Last calls" className="flex flex-col gap-2">
            <h3 className="text-12 font-medium">Last calls</h3>
            <PushCalls calls={calls} />
          </section>
          <section aria-label="New address" className="flex flex-col gap-3 border-t border-line pt-4">
            {signing}
            <p className="text-12 text-muted">A new address ends this one: give it to the git host at once.</p>
            <div className="flex flex-wrap gap-2">
              {add("Make a new address")}
              <Button tone="danger-ghost" onClick={onTakeBack}>
                Take the address back
              </Button>
            </div>
          </section>
        </>
      ) : (
        <>
          <EmptyState
            icon={<Webhook size={20} strokeWidth={1.5} aria-hidden />}
            title="Pushes build nothing"
            className="py-6"
            action={add("Build on push", "primary")}
          >
            You get an address, shown once, for a webhook of GitHub, Gitea, Forgejo, GitLab or Bitbucket.
          </EmptyState>
          {signing}
        </>
      )}
      {failure && (
        <ErrorState inline title={make.error ? "No address was made" : "Not switched"} {...explain(failure)} />
      )}
    </>
  );
}
