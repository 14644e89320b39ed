import { MoreHorizontal, Trash2, Undo2 } from "lucide-react";
import { useState } from "react";
import { asProblem } from "@/api";
import type { SecretNode } from "@/contract";
import { sentence } from "@/model/words";
import { Button, IconButton, Menu, RelativeTime } from "@/ui";
import { StatusGlyph } from "../StatusGlyph";
import { usePutBackSecret, type SecretsOf } from "./queries";
import { RemoveSecretDialog } from "./RemoveSecretDialog";
import { SetSecretsDialog } from "./SetSecretsDialog";

type Key = SecretNode["keys"][number];
type Asked = { readonly type: "set" | "remove"; readonly key: Key } | null;

interface SecretKeyListProps {
  readonly of: SecretsOf;
  readonly environment: string;
  readonly node: SecretNode;
  readonly writable: boolean;
}

/** The keys of one Secret, where each has a value, and what can be done about it. Values are never shown. */
export function SecretKeyList({ of, environment, node, writable }: SecretKeyListProps) {
  const [asked, setAsked] = useState<Asked>(null);
  const putBack = usePutBackSecret(of);
  const close = () => setAsked(null);
  return (
    <>
      <ul aria-label={`Keys of ${node.name}`} className="divide-y divide-line rounded border border-line">
        {node.keys.map((key) => (
          <li key={key.key} className="flex min-h-9 items-center gap-2 px-3 py-1.5">
            <span className="min-w-0 flex-1">
              <span className="block truncate font-mono text-12" title={key.key}>
                {key.key}
              </span>
              <Where of={key} />
              {putBack.isError && putBack.variables.key === key.key && (
                <span role="alert" className="block text-12 text-bad">
                  {sentence(asProblem(putBack.error).detail)}
                </span>
              )}
            </span>
            {writable && (
              <>
                <Button
                  size="sm"
                  aria-label={`${key.stored ? "Replace" : "Set"} the value of ${key.key}`}
                  onClick={() => setAsked({ type: "set", key })}
                >
                  {key.stored ? "Replace" : "Set"}
                </Button>
                <MoreOf
                  of={key}
                  onPutBack={(earlier_until) => putBack.mutate({ node_id: node.node_id, key: key.key, earlier_until })}
                  onRemove={() => setAsked({ type: "remove", key })}
                />
              </>
            )}
          </li>
        ))}
      </ul>
      {asked?.type === "set" && (
        <SetSecretsDialog of={of} environment={environment} nodes={[{ ...node, keys: [asked.key] }]} onClose={close} />
      )}
      {asked?.type === "remove" && (
        <RemoveSecretDialog
          of={of}
          nodeId={node.node_id}
          name={asked.key.key}
          inCluster={asked.key.in_cluster}
          onClose={close}
        />
      )}
    </>
  );
}

function MoreOf({ of, onPutBack, onRemove }: { of: Key; onPutBack: (until: string) => void; onRemove: () => void }) {
  const { key, stored, earlier_until: until } = of;
  if (!stored && !until) return null;
  return (
    <Menu
      trigger={
        <IconButton label={`More for ${key}`} size="sm">
          <MoreHorizontal size={16} aria-hidden />
        </IconButton>
      }
      entries={[
        until !== null && {
          label: "Put back the earlier value",
          hint: `Kept until ${new Date(until).toLocaleDateString()}`,
          icon: <Undo2 size={16} aria-hidden />,
          onSelect: () => onPutBack(until),
        },
        stored && {
          label: "Delete value…",
          icon: <Trash2 size={16} aria-hidden />,
          danger: true,
          onSelect: onRemove,
        },
      ]}
    />
  );
}

function Where({ of: key }: { of: Key }) {
  const { stored, stored_at: at, in_cluster: there, awaits_run: awaits, earlier_until: until } = key;
  const kept = awaits ? "stored (encrypted), applied by the next run" : "stored (encrypted)";
  const word = [stored && kept, there && (awaits ? "another in cluster" : "in cluster")].filter(Boolean).join(" · ");
  return (
    <span className="flex min-w-0 flex-wrap items-center gap-x-2 text-12 text-muted">
      <StatusGlyph
        status={stored || there ? "healthy" : "missing"}
        word={<span className="whitespace-normal">{word || "no value"}</span>}
      />
      {at !== null && (
        <span>
          set <RelativeTime at={at} />
        </span>
      )}
      {!stored && until !== null && <span>deleted; can be put back until {new Date(until).toLocaleDateString()}</span>}
    </span>
  );
}
