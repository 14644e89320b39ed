import { FileUp, GitBranch, Plus, Search, Workflow as WorkflowIcon } from "lucide-react";
import { useMemo, useRef, useState } from "react";
import { useNavigate } from "react-router";
import type { Deployment } from "@/api";
import type { Health } from "@/contract";
import { coversSomewhere } from "@/model/roles";
import { capital } from "@/model/words";
import {
  explain,
  FileDrop,
  RemoveWorkflowDialog,
  SandboxNotice,
  STATUS,
  useOpenImport,
  useSession,
  useWorkflows,
} from "@/product";
import {
  Button,
  EmptyState,
  FilterChip,
  LinkButton,
  ListHeader,
  PagedTable,
  SearchInput,
  Segmented,
  Select,
  useCommands,
  useCrumbs,
  useTypedSearch,
  useUrlState,
  type SelectOption,
} from "@/ui";
import { CloneDialog } from "./CloneDialog";
import { columnsFor } from "./columns";
import { CreateDialog } from "./CreateDialog";
import { DescribeDialog } from "./DescribeDialog";
import { ImportDialog } from "./ImportDialog";
import type { OpenDialog } from "./WorkflowMenu";

type Show = "" | Deployment | "archived";
const SHOW: readonly { value: Show; label: string }[] = [
  { value: "", label: "All" },
  { value: "deployed", label: "Deployed" },
  { value: "edited", label: "Edited" },
  { value: "never", label: "Not deployed" },
  { value: "archived", label: "Archived" },
];
const HEALTH: readonly Health[] = [
  "failed",
  "degraded",
  "missing",
  "progressing",
  "unknown",
  "suspended",
  "present",
  "healthy",
];
const HEALTHS: readonly SelectOption<"" | Health>[] = [
  { value: "", label: "Any health" },
  ...HEALTH.map((health) => ({ value: health, label: capital(STATUS[health].word) })),
];
const FILTERS = ["search", "deployment", "health", "state", "tag", "team"] as const;
const NO_FILTERS = Object.fromEntries(FILTERS.map((name) => [name, null]));
const DEFAULT_SORT = "-updated_at";
const iconSize = { size: 16, strokeWidth: 1.5, "aria-hidden": true } as const;

/** On a phone the words alone, so that all of them stand in one row. */
const GLYPH = { size: 14, "aria-hidden": true, className: "max-sm:hidden" } as const;

export default function WorkflowsPage() {
  useCrumbs({ label: "Workflows" });
  const navigate = useNavigate();
  const user = useSession().data?.user;
  const [url, setUrl] = useUrlState([...FILTERS, "sort", "new", "import"]);
  const [typed, setTyped] = useTypedSearch(url.search, (search) => setUrl({ search }));
  const [open, setOpen] = useState<OpenDialog | null>(null);
  const searchBox = useRef<HTMLInputElement>(null);
  const sort = url.sort || DEFAULT_SORT;
  const filters = {
    search: url.search || undefined,
    state: url.state === "archived" ? ("archived" as const) : undefined,
    deployment: (url.deployment || undefined) as Deployment | undefined,
    health: (url.health || undefined) as Health | undefined,
    tag: url.tag || undefined,
    team: url.team || undefined,
    sort,
  };
  const query = useWorkflows(filters);
  const rows = useMemo(() => query.data?.pages.flatMap((page) => page.results) ?? [], [query.data]);
  const mayCreate = coversSomewhere(user, "editor");
  const openImport = useOpenImport();

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

  const filtered = FILTERS.some((name) => url[name] !== "");
  const columns = useMemo(() => columnsFor(user, (tag) => setUrl({ tag }), setOpen), [user, setUrl]);

  const actions = mayCreate && (
    <>
      <LinkButton icon={<GitBranch {...GLYPH} />} to="/from-git">
        New from git
      </LinkButton>
      <LinkButton icon={<FileUp {...GLYPH} />} to="/imports/new">
        Import
      </LinkButton>
      <Button tone="primary" icon={<Plus {...GLYPH} />} onClick={() => setUrl({ new: "1" })}>
        New workflow
      </Button>
    </>
  );

  return (
    <FileDrop
      className="flex min-h-0 flex-1 flex-col"
      hint="Drop to import"
      onFiles={mayCreate ? (found) => void openImport(found) : null}
    >
      <ListHeader title="Workflows" actions={actions}>
        <SearchInput
          inputRef={searchBox}
          label="Search workflows"
          placeholder="Name, text or tag"
          className="w-full sm:w-44"
          value={typed}
          onChange={setTyped}
        />
        <Segmented
          label="Deployment"
          from={1360}
          value={url.state === "archived" ? "archived" : (url.deployment as Show)}
          onChange={(show) =>
            setUrl(
              show === "archived"
                ? { state: "archived", deployment: null, health: null }
                : { state: null, deployment: show },
            )
          }
          options={SHOW}
        />
        {url.state !== "archived" && (
          <Select
            label="Health"
            className="w-32"
            value={url.health as "" | Health}
            onChange={(health) => setUrl({ health })}
            options={HEALTHS}
          />
        )}
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
      <SandboxNotice />
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
                url.state === "archived" && !url.search && !url.tag ? "No archived workflows" : "No matching workflows"
              }
              action={
                <Button
                  onClick={() => {
                    setTyped("");
                    setUrl(NO_FILTERS);
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
              A workflow is an application as a graph: Kubernetes objects and the connections between them.
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
    </FileDrop>
  );
}
