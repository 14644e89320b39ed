import { Save } from "lucide-react";
import { useState } from "react";
import { asProblem } from "@/api";
import type { Version } from "@/contract";
import { sentence } from "@/model/words";
import { useVersions } from "@/product";
import { Button, EmptyState, ErrorState, SidePanel, SkeletonRows } from "@/ui";

import { useLensAddress } from "../state/lensAddress";
import { useDocument, useEditor } from "../state/session";
import { RestoreDialog } from "./RestoreDialog";
import { SaveVersionDialog } from "./SaveVersionDialog";
import { VersionRow } from "./VersionRow";

/** Every version of this workflow: each run and each restore saved one, and so can a person. */
export function VersionsDrawer() {
  const session = useEditor();
  const versions = useVersions(session.workflowId);
  const readOnly = useDocument((state) => state.readOnly);
  const lens = useLensAddress();
  const [restoring, setRestoring] = useState<Version | null>(null);
  const [saving, setSaving] = useState(false);
  const rows = versions.data?.pages.flatMap((page) => page.results) ?? [];
  return (
    <SidePanel
      name="editor.versions"
      title="Versions"
      min={320}
      initial={400}
      onClose={() => session.view.setState({ versionsOpen: false })}
      actions={
        !readOnly && (
          <Button size="sm" icon={<Save size={14} aria-hidden />} onClick={() => setSaving(true)}>
            Save version
          </Button>
        )
      }
    >
      {versions.isPending && <SkeletonRows rows={5} />}
      {versions.isError && (
        <ErrorState
          title="The versions could not be loaded"
          reason={sentence(asProblem(versions.error).detail)}
          onRetry={() => void versions.refetch()}
        />
      )}
      {versions.isSuccess && rows.length === 0 && (
        <EmptyState title="No versions yet">Each run saves one. Save one yourself to give it a name.</EmptyState>
      )}
      <ul>
        {rows.map((version) => (
          <VersionRow
            key={version.number}
            version={version}
            onCompare={() => lens.open({ compare: `v${version.number}..current` })}
            onRestore={readOnly ? null : () => setRestoring(version)}
          />
        ))}
      </ul>
      {versions.hasNextPage && (
        <div className="p-3 text-center">
          <Button size="sm" busy={versions.isFetchingNextPage} onClick={() => void versions.fetchNextPage()}>
            Show older
          </Button>
        </div>
      )}
      {restoring && <RestoreDialog version={restoring} onClose={() => setRestoring(null)} />}
      {saving && <SaveVersionDialog onClose={() => setSaving(false)} />}
    </SidePanel>
  );
}
