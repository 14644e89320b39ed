import { ChevronRight, CircleCheck, CircleHelp, CircleX } from "lucide-react";
import { useId, useMemo, useState } from "react";
import { askFits } from "@/api";
import type { Fit } from "@/contract";
import { fitMarks, misfitsByNode, sayFit } from "@/model/fits";
import { sentence } from "@/model/words";
import { KindIcon } from "@/product";
import { cx, EmptyState } from "@/ui";
import { moveTo } from "../actions/showing";
import { useFlow } from "../state/flow";
import { useDocument, useEditor } from "../state/session";
import { CheckPanel, useChecked } from "./CheckPanel";
import { useMarksOnCards } from "./useMarksOnCards";

/** What of the graph would break on each cluster, and what is not looked at. Nothing is applied. */
export function FitsPanel() {
  const { workflowId } = useEditor();
  const [opened, setOpened] = useState<string | null | undefined>(undefined);
  const asked = useChecked(["fits", workflowId], () => askFits(workflowId));
  const results = asked.data?.results ?? [];
  // The first one that breaks is open, until something else is opened.
  const open = opened === undefined ? (results.find(({ state }) => state === "breaks")?.cluster ?? null) : opened;
  const shown = results.find(({ cluster }) => cluster === open);
  useMarksOnCards(useMemo(() => (shown ? fitMarks(shown) : null), [shown]));
  return (
    <CheckPanel
      name="editor.fits"
      title="Fits another cluster"
      subtitle="Nothing is applied"
      asked={asked}
      failed="The clusters could not be checked"
    >
      {() =>
        results.length === 0 ? (
          <EmptyState title="No clusters yet">
            Connect a cluster under Clusters to check the workflow against it.
          </EmptyState>
        ) : (
          <>
            <ul aria-label="Clusters">
              {results.map((fit) => (
                <FitRow
                  key={fit.cluster}
                  fit={fit}
                  open={fit.cluster === open}
                  onToggle={() => setOpened(fit.cluster === open ? null : fit.cluster)}
                />
              ))}
            </ul>
            <p className="px-4 py-3 text-12 text-muted">
              Looked at: versions and fields, rights, classes and other objects that the graph names, quotas, limits and
              Pod Security. Not looked at: admission webhooks and policies, room on the nodes, and whether images can be
              pulled there. A plan on the cluster tries each object.
            </p>
          </>
        )
      }
    </CheckPanel>
  );
}

const LOOKS = {
  fits: { icon: CircleCheck, tone: "text-ok", word: "fits" },
  breaks: { icon: CircleX, tone: "text-bad", word: "breaks" },
  unknown: { icon: CircleHelp, tone: "text-unknown", word: "not known" },
} as const;

interface FitRowProps {
  readonly fit: Fit;
  readonly open: boolean;
  readonly onToggle: () => void;
}

function FitRow({ fit, open, onToggle }: FitRowProps) {
  const id = useId();
  const { icon: Icon, tone, word } = LOOKS[fit.state];
  return (
    <li className="border-b border-line">
      <button
        type="button"
        aria-expanded={open}
        aria-controls={id}
        onClick={onToggle}
        className="flex w-full min-w-0 items-center gap-2 px-4 py-2 text-left hover:bg-hover focus-visible:outline-offset-[-2px]"
      >
        <ChevronRight
          size={14}
          aria-hidden
          className={cx("shrink-0 text-muted transition-transform duration-100", open && "rotate-90")}
        />
        <Icon size={16} className={cx("shrink-0", tone)} aria-hidden />
        <span className="min-w-0 flex-1">
          <span className="block truncate text-13 font-medium">
            {fit.name}
            <span className="ml-1.5 font-mono text-12 font-normal text-muted">{fit.namespace}</span>
          </span>
          <span className="block text-12 wrap-anywhere text-muted">{sentence(sayFit(fit))}</span>
        </span>
        <span className={cx("shrink-0 text-12", tone)}>{word}</span>
      </button>
      {open && (
        <div id={id} className="flex flex-col gap-2 px-4 pb-3 empty:hidden">
          {misfitsByNode(fit).map(({ nodeId, problems }) => (
            <NodeProblems key={nodeId ?? ""} nodeId={nodeId} problems={problems} />
          ))}
        </div>
      )}
    </li>
  );
}

function NodeProblems({ nodeId, problems }: ReturnType<typeof misfitsByNode>[number]) {
  const session = useEditor();
  const flow = useFlow();
  const node = useDocument((state) => (nodeId === null ? undefined : state.document.nodes[nodeId]));
  return (
    <div className="rounded border border-line bg-surface px-3 py-2">
      <p className="flex items-center gap-2 text-12">
        {node && nodeId !== null ? (
          <button
            type="button"
            className="flex min-w-0 items-center gap-2 rounded hover:underline"
            onClick={() => moveTo([node.position], flow)}
          >
            <KindIcon kind={session.catalog.kindById.get(node.kind)?.icon ?? node.kind} size={14} />
            <span className="truncate font-mono">{node.name}</span>
          </button>
        ) : (
          "All objects together"
        )}
      </p>
      <ul className="mt-1 flex flex-col gap-1 text-12">
        {problems.map(({ path, level, code, detail }) => (
          <li key={`${code} ${path} ${detail}`} className="wrap-anywhere">
            <span className={cx("font-medium", level === "error" ? "text-bad" : "text-warn")}>{level}</span>{" "}
            {path && <span className="font-mono text-muted">{path}</span>} {sentence(detail)}
          </li>
        ))}
      </ul>
    </div>
  );
}
