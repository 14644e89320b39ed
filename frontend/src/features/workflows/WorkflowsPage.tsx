import {
  Archive,
  ArchiveRestore,
  Copy,
  Download,
  FileUp,
  MoreHorizontal,
  Pencil,
  Plus,
  Search,
  Trash2,
  Workflow as WorkflowIcon,
} from "lucide-react";
import { useEffect, useMemo, useRef, useState } from "react";
import { Link, useNavigate } from "react-router";
import { asProblem, exportWorkflow } from "@/api";
import type { Workflow, WorkflowState } from "@/contract";
import { covers, roleIn } from "@/model/roles";
import { sentence } from "@/model/words";
import { RemoveWorkflowDialog, explain, StatusGlyph, useSession, useWorkflows } from "@/product";
import {
  Button,
  EmptyState,
  FilterChip,
  IconButton,
  ListHeader,
  Menu,
  PagedTable,
  RelativeTime,
  saveFile,
  SearchInput,
  Segmented,
  Tag,
  toast,
  useCommands,
  useCrumbs,
  useUrlState,
  type Column,
} from "@/ui";
import { CloneDialog } from "./CloneDialog";
import { CreateDialog } from "./CreateDialog";
import { DescribeDialog } from "./DescribeDialog";
import { ImportDialog } from "./ImportDialog";
import { useUnarchiveWorkflow } from "./queries";

const STATES: readonly { value: "" | WorkflowState; label: string }[] = [
  { value: "", label: "Open" },
  { value: "draft", label: "Drafts" },
  { value: "published", label: "Published" },
  { value: "archived", label: "Archived" },
];
const DEFAULT_SORT = "-updated_at";
const iconSize = { size: 16, strokeWidth: 1.5, "aria-hidden": true } as const;

type Open = { type: "clone" | "describe" | "archive" | "delete"; workflow: Workflow } | null;

export default function WorkflowsPage() {
  useCrumbs({ label: "Workflows" });
  const navigate = useNavigate();
  const user = useSession().data?.user;
  const [url, setUrl] = useUrlState(["search", "state", "tag", "team", "sort", "new", "import"]);
  const [typed, setTyped] = useState(url.search);
  const [open, setOpen] = useState<Open>(null);
  const searchBox = useRef<HTMLInputElement>(null);
  const sort = url.sort || DEFAULT_SORT;
  const filters = {
    search: url.search || undefined,
    state: (url.state || undefined) as WorkflowState | undefined,
    tag: url.tag || undefined,
    team: url.team || undefined,
    sort,
  };
  const query = useWorkflows(filters);
  const unarchive = useUnarchiveWorkflow();
  const rows = useMemo(() => query.data?.pages.flatMap((page) => page.results) ?? [], [query.data]);
  const mayCreate = user?.teams.some((team) => covers(team.role, "editor")) ?? false;

  useEffect(() => {
    if (typed === url.search) return;
    const timer = window.setTimeout(() => setUrl({ search: typed }), 200);
    return () => window.clearTimeout(timer);
  }, [typed, url.search, setUrl]);
  useCommands(
    useMemo(
      () => [
        {
          name: "workflow.search",
          group: "On this page",
          label: "Search the list",
          keys: "/",
          icon: <Search {...iconSize} />,
          perform: () => searchBox.current?.focus(),
        },
        ...(mayCreate
          ? [
              {
                name: "workflow.new",
                group: "On this page",
                label: "New workflow",
                keys: "c",
                icon: <Plus {...iconSize} />,
                perform: () => setUrl({ new: "1" }),
              },
            ]
          : []),
      ],
      [mayCreate, setUrl],
    ),
  );

  const filtered = Boolean(url.search || url.tag || url.team || url.state);
  const columns = useMemo((): Column<Workflow>[] => {
    const several = (user?.teams.length ?? 0) > 1;
    return [
      {
        id: "name",
        header: "Name",
        sort: "name",
        width: "minmax(240px, 2.4fr)",
        cell: (workflow) => (
          <span className="flex min-w-0 items-center gap-2">
            <Link
              to={`/workflows/${workflow.id}`}
              title={workflow.name}
              className="min-w-24 shrink truncate rounded-sm font-medium hover:underline"
              tabIndex={-1}
            >
              {workflow.name}
            </Link>
            {/* A long name takes the room of the tags, not the other way round. */}
            <span className="flex min-w-0 shrink-[999] items-center gap-2 overflow-hidden">
              {workflow.tags.slice(0, 3).map((tag) => (
                <button
                  key={tag}
                  type="button"
                  tabIndex={-1}
                  className="min-w-0 shrink-0"
                  onClick={() => setUrl({ tag })}
                  aria-label={`Show only ${tag}`}
                >
                  <Tag>{tag}</Tag>
                </button>
              ))}
              {workflow.tags.length > 3 && <span className="text-12 text-faint">+{workflow.tags.length - 3}</span>}
            </span>
          </span>
        ),
      },
      {
        id: "run",
        header: "Last run",
        width: "minmax(150px, 1fr)",
        cell: (workflow) =>
          workflow.last_run ? (
            <Link
              to={`/runs/${workflow.last_run.id}`}
              tabIndex={-1}
              className="flex min-w-0 items-center gap-2 rounded-sm hover:underline"
            >
              <StatusGlyph status={workflow.last_run.state} />
              <span className="tnum text-12 text-muted">#{workflow.last_run.number}</span>
            </Link>
          ) : (
            <span className="text-faint">never run</span>
          ),
      },
      {
        id: "environments",
        header: "Runs in",
        from: 900,
        width: "minmax(170px, 1.4fr)",
        cell: (workflow) => {
          const [first, ...rest] = workflow.environments;
          if (!first) return <span className="text-faint">no environment</span>;
          return (
            <span className="flex min-w-0 items-center gap-1.5 text-12">
              <span className="min-w-0 truncate font-mono text-muted">
                {first.cluster.name}/{first.namespace}
              </span>
              {rest.length > 0 && <span className="text-faint">+{rest.length}</span>}
            </span>
          );
        },
      },
      {
        id: "state",
        header: "State",
        from: 760,
        width: "112px",
        cell: (workflow) => <StatusGlyph status={workflow.state} className="text-muted" />,
      },
      {
        id: "nodes",
        header: "Nodes",
        from: 760,
        width: "72px",
        align: "right",
        cell: (workflow) => <span className="tnum text-muted">{workflow.node_count}</span>,
      },
      ...(several
        ? [
            {
              id: "team",
              header: "Team",
              from: 1100,
              width: "120px",
              cell: (workflow: Workflow) => <span className="truncate text-muted">{workflow.team.name}</span>,
            },
          ]
        : []),
      {
        id: "updated",
        header: "Changed",
        sort: "updated_at",
        from: 620,
        width: "minmax(185px, 1fr)",
        cell: (workflow) => (
          <span className="flex min-w-0 gap-1.5 text-12 text-muted">
            <RelativeTime at={workflow.updated_at} />
            {workflow.updated_by?.name && (
              <span className="min-w-0 truncate text-faint">{workflow.updated_by.name}</span>
            )}
          </span>
        ),
      },
      {
        id: "actions",
        header: <span className="sr-only">Actions</span>,
        width: "56px",
        align: "right",
        cell: (workflow) => {
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
                  className="opacity-60 group-hover/row:opacity-100 focus-visible:opacity-100"
                >
                  <MoreHorizontal {...iconSize} />
                </IconButton>
              }
              entries={[
                mayEdit &&
                  workflow.state !== "archived" && {
                    label: "Rename and describe",
                    icon: <Pencil {...iconSize} />,
                    onSelect: () => setOpen({ type: "describe", workflow }),
                  },
                mayEdit && {
                  label: "Clone",
                  icon: <Copy {...iconSize} />,
                  onSelect: () => setOpen({ type: "clone", workflow }),
                },
                { label: "Export file", icon: <Download {...iconSize} />, onSelect: () => void download() },
                mayEdit && { type: "separator" },
                mayEdit &&
                  (workflow.state === "archived"
                    ? {
                        label: "Take out of the archive",
                        icon: <ArchiveRestore {...iconSize} />,
                        onSelect: () =>
                          unarchive.mutate(workflow.id, {
                            onError: (error) =>
                              toast({
                                tone: "bad",
                                title: `${workflow.name} stays archived`,
                                detail: sentence(asProblem(error).detail),
                              }),
                          }),
                      }
                    : {
                        label: "Archive",
                        icon: <Archive {...iconSize} />,
                        onSelect: () => setOpen({ type: "archive", workflow }),
                      }),
                mayEdit && {
                  label: "Delete",
                  icon: <Trash2 {...iconSize} />,
                  danger: true,
                  onSelect: () => setOpen({ type: "delete", workflow }),
                },
              ]}
            />
          );
        },
      },
    ];
  }, [user, setUrl, unarchive]);

  const actions = mayCreate && (
    <>
      <Button icon={<FileUp size={14} aria-hidden />} onClick={() => setUrl({ import: "1" })}>
        Import file
      </Button>
      <Button tone="primary" icon={<Plus size={14} aria-hidden />} onClick={() => setUrl({ new: "1" })}>
        New workflow
      </Button>
    </>
  );

  return (
    <>
      <ListHeader title="Workflows" actions={actions}>
        <SearchInput
          inputRef={searchBox}
          label="Search workflows"
          placeholder="Search name, description, tag"
          className="w-64"
          value={typed}
          onChange={setTyped}
        />
        <Segmented
          label="State"
          value={url.state as "" | WorkflowState}
          onChange={(state) => setUrl({ state })}
          options={STATES}
        />
        {url.tag && (
          <FilterChip name="tag" onRemove={() => setUrl({ tag: null })}>
            {url.tag}
          </FilterChip>
        )}
        {url.team && (
          <FilterChip name="team" onRemove={() => setUrl({ team: null })}>
            {user?.teams.find((team) => team.id === url.team)?.name ?? url.team}
          </FilterChip>
        )}
      </ListHeader>
      <PagedTable
        label="Workflows"
        noun="workflow"
        pages={query}
        failure={query.error && explain(query.error)}
        rows={rows}
        columns={columns}
        rowKey={(workflow) => workflow.id}
        onOpen={(workflow) => void navigate(`/workflows/${workflow.id}`)}
        sort={sort}
        onSort={(next) => setUrl({ sort: next === DEFAULT_SORT ? null : next })}
        empty={
          filtered ? (
            <EmptyState
              icon={<WorkflowIcon size={20} strokeWidth={1.5} aria-hidden />}
              title={
                url.state === "archived" && !url.search && !url.tag ? "Nothing is archived" : "No workflow matches"
              }
              action={
                <Button
                  onClick={() => {
                    setTyped("");
                    setUrl({ search: null, state: null, tag: null, team: null });
                  }}
                >
                  Show all
                </Button>
              }
            />
          ) : (
            <EmptyState
              icon={<WorkflowIcon size={20} strokeWidth={1.5} aria-hidden />}
              title="No workflows yet"
              action={actions}
            >
              A workflow is an application drawn as a graph: Kubernetes objects and what connects them.
            </EmptyState>
          )
        }
      />
      {url.new && <CreateDialog onClose={() => setUrl({ new: null })} />}
      {url.import && <ImportDialog onClose={() => setUrl({ import: null })} />}
      {open?.type === "clone" && <CloneDialog workflow={open.workflow} onClose={() => setOpen(null)} />}
      {open?.type === "describe" && <DescribeDialog workflow={open.workflow} onClose={() => setOpen(null)} />}
      {(open?.type === "archive" || open?.type === "delete") && (
        <RemoveWorkflowDialog verb={open.type} workflow={open.workflow} onClose={() => setOpen(null)} />
      )}
    </>
  );
}
