import {
  Archive,
  ArchiveRestore,
  Copy,
  Download,
  History,
  MoreHorizontal,
  Pencil,
  Settings,
  Trash2,
  Zap,
} from "lucide-react";
import { useNavigate } from "react-router";
import { asProblem, exportWorkflow } from "@/api";
import type { User, Workflow } from "@/contract";
import { covers, roleIn } from "@/model/roles";
import { sentence } from "@/model/words";
import { IconButton, Menu, saveFile, toast, useRowTabIndex } from "@/ui";
import { useUnarchiveWorkflow } from "./queries";

const iconSize = { size: 16, strokeWidth: 1.5, "aria-hidden": true } as const;

/** A dialog about one workflow. */
export interface OpenDialog {
  type: "clone" | "describe" | "archive" | "delete";
  workflow: Workflow;
}

/** The actions for a workflow in the list. */
export function WorkflowMenu({
  workflow,
  user,
  onOpen,
}: {
  workflow: Workflow;
  user: User | null | undefined;
  onOpen: (dialog: OpenDialog) => void;
}) {
  const navigate = useNavigate();
  const unarchive = useUnarchiveWorkflow();
  const tabIndex = useRowTabIndex();
  const mayEdit = covers(roleIn(user, workflow.team.id), "editor");
  const download = () =>
    exportWorkflow(workflow.id).then(
      (text) => saveFile(`${workflow.name}.yaml`, text),
      (error: unknown) =>
        toast({
          tone: "bad",
          title: `${workflow.name} was not exported`,
          detail: sentence(asProblem(error).detail),
        }),
    );
  return (
    <Menu
      trigger={
        <IconButton
          label={`Actions for ${workflow.name}`}
          size="sm"
          tabIndex={tabIndex}
          className="opacity-60 group-hover/row:opacity-100 focus-visible:opacity-100"
        >
          <MoreHorizontal {...iconSize} />
        </IconButton>
      }
      entries={[
        mayEdit &&
          workflow.state !== "archived" && {
            label: "Rename and edit details…",
            icon: <Pencil {...iconSize} />,
            onSelect: () => onOpen({ type: "describe", workflow }),
          },
        mayEdit && {
          label: "Clone…",
          icon: <Copy {...iconSize} />,
          onSelect: () => onOpen({ type: "clone", workflow }),
        },
        {
          label: "Runs",
          icon: <Zap {...iconSize} />,
          onSelect: () => void navigate(`/workflows/${workflow.id}/runs`),
        },
        {
          label: "Versions",
          icon: <History {...iconSize} />,
          onSelect: () => void navigate(`/workflows/${workflow.id}/versions`),
        },
        {
          label: "Environments and settings",
          icon: <Settings {...iconSize} />,
          onSelect: () => void navigate(`/workflows/${workflow.id}/settings`),
        },
        { label: "Export workflow…", icon: <Download {...iconSize} />, onSelect: () => void download() },
        mayEdit && { type: "separator" },
        mayEdit &&
          (workflow.state === "archived"
            ? {
                label: "Unarchive",
                icon: <ArchiveRestore {...iconSize} />,
                onSelect: () =>
                  unarchive.mutate(workflow.id, {
                    onError: (error) =>
                      toast({
                        tone: "bad",
                        title: `${workflow.name} was not unarchived`,
                        detail: sentence(asProblem(error).detail),
                      }),
                  }),
              }
            : {
                label: "Archive…",
                icon: <Archive {...iconSize} />,
                onSelect: () => onOpen({ type: "archive", workflow }),
              }),
        mayEdit && {
          label: "Delete…",
          icon: <Trash2 {...iconSize} />,
          danger: true,
          onSelect: () => onOpen({ type: "delete", workflow }),
        },
      ]}
    />
  );
}
