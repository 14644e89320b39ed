import { FileDown, FileUp, LayoutGrid, Search } from "lucide-react";
import type { ReactNode } from "react";
import { useNavigate } from "react-router";
import { Kbd } from "@/ui";
import { drawSample } from "../actions/editing";
import { findKind } from "../actions/showing";
import { useFlow } from "../state/flow";
import { useDocument, useEditor } from "../state/session";

/** What an empty canvas offers to start with. */
export function EmptyCanvas({ onImport }: { onImport: () => void }) {
  const session = useEditor();
  const flow = useFlow();
  const navigate = useNavigate();
  const readOnly = useDocument((state) => state.readOnly);
  if (readOnly) return <Notice>This workflow is empty.</Notice>;
  return (
    <div className="pointer-events-none absolute inset-0 flex items-center justify-center p-6">
      <div className="pointer-events-auto w-full max-w-96 rounded-card border border-line bg-surface p-2 shadow-2">
        <h2 className="px-3 pt-2 pb-1 text-14 font-semibold">Draw your application</h2>
        <p className="px-3 pb-2 text-13 text-muted">
          Nodes are Kubernetes objects, lines are the references between them.
        </p>
        <Choice
          icon={<Search size={16} aria-hidden />}
          title="Find a kind and press Enter"
          aside={<Kbd keys="/" />}
          onClick={() => findKind(session)}
        >
          <span className="max-sm:hidden">Or drag one in from the left.</span>
        </Choice>
        <Choice
          icon={<LayoutGrid size={16} aria-hidden />}
          title="Start from a sample"
          onClick={() => drawSample(session, flow)}
        >
          A web server with its Service, Ingress and settings.
        </Choice>
        <Choice
          icon={<FileUp size={16} aria-hidden />}
          title="Import Compose files or manifests"
          onClick={() => void navigate(`/imports/new?into=${session.workflowId}`)}
        >
          Or drop them here. You see what becomes of them first.
        </Choice>
        <Choice icon={<FileDown size={16} aria-hidden />} title="Import a workflow file" onClick={onImport}>
          YAML that was exported from another workflow.
        </Choice>
      </div>
    </div>
  );
}

function Choice({
  icon,
  title,
  aside,
  onClick,
  children,
}: {
  icon: ReactNode;
  title: string;
  aside?: ReactNode;
  onClick: () => void;
  children: ReactNode;
}) {
  return (
    <button
      type="button"
      onClick={onClick}
      className="flex w-full items-center gap-3 rounded px-3 py-2 text-left hover:bg-hover"
    >
      <span className="flex size-8 shrink-0 items-center justify-center rounded border border-line bg-sunken text-muted">
        {icon}
      </span>
      <span className="min-w-0 flex-1">
        <span className="block text-13 font-medium">{title}</span>
        <span className="block text-12 text-muted">{children}</span>
      </span>
      {aside}
    </button>
  );
}

function Notice({ children }: { children: ReactNode }) {
  return (
    <p className="pointer-events-none absolute inset-0 flex items-center justify-center text-13 text-muted">
      {children}
    </p>
  );
}
