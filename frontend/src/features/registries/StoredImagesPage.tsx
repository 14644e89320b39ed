import { Layers, Trash2 } from "lucide-react";
import { useMemo, useState } from "react";
import { asProblem } from "@/api";
import type { StoredImage } from "@/contract";
import { covers } from "@/model/roles";
import { plural } from "@/model/words";
import { explain, useSession } from "@/product";
import {
  Button,
  EmptyState,
  LinkButton,
  ListHeader,
  PagedTable,
  SearchInput,
  Segmented,
  Select,
  useCrumbs,
  useTypedSearch,
  useUrlState,
} from "@/ui";
import { useStoredImages } from "./queries";
import { RemoveImagesDialog } from "./RemoveImagesDialog";
import { imageKey, STORED_COLUMNS } from "./storedColumns";
import { StoredImagePanel } from "./StoredImagePanel";

const TITLE = "Images of the embedded registry";
const icon = <Layers size={20} strokeWidth={1.5} aria-hidden />;

/** What a team has in the embedded registry, what uses it, and what can go. */
export default function StoredImagesPage() {
  useCrumbs({ label: "Registries", to: "/registries" }, { label: "Embedded registry" });
  const teams = (useSession().data?.user?.teams ?? []).filter(({ role }) => covers(role, "editor"));
  const [url, setUrl] = useUrlState(["q", "team", "used", "sort", "image", "remove"]);
  const [typed, setTyped] = useTypedSearch(url.q, (q) => setUrl({ q }));
  const [doomed, setDoomed] = useState<readonly StoredImage[] | null>(null);
  const team = teams.find(({ id }) => id === url.team) ?? teams[0];
  const used = url.used === "yes" || url.used === "no" ? url.used : undefined;
  const sort = url.sort || "-pushed_at";
  const query = useStoredImages({ team: team?.id, q: url.q || undefined, used, sort });
  const rows = useMemo(() => query.data?.pages.flatMap((page) => page.results) ?? [], [query.data]);
  const unused = query.data?.pages[0]?.unused ?? 0;
  const chosen = rows.find((one) => imageKey(one) === url.image);
  const mayRemove = covers(team?.role, "operator");
  const isFiltered = Boolean(url.q || used);
  if (query.error && asProblem(query.error).code === "registry.no_embedded") return <NoEmbeddedRegistry />;
  const close = () => {
    setDoomed(null);
    setUrl({ remove: null });
  };
  return (
    <div className="flex min-h-0 flex-1">
      <div className="flex min-w-0 flex-1 flex-col">
        <ListHeader
          title={TITLE}
          actions={
            mayRemove && (
              <Button
                icon={<Trash2 size={14} aria-hidden />}
                disabled={unused === 0}
                onClick={() => setUrl({ remove: "unused" })}
              >
                Remove unused
              </Button>
            )
          }
        >
          <SearchInput label="Search images" value={typed} onChange={setTyped} className="w-full sm:w-56" />
          {teams.length > 1 && (
            <Select
              label="Team"
              className="w-40"
              value={team?.id}
              onChange={(next) => setUrl({ team: next, image: null })}
              options={teams.map(({ id, name }) => ({ value: id, label: name }))}
            />
          )}
          <Segmented
            label="Which images"
            value={used ?? "all"}
            onChange={(next) => setUrl({ used: next === "all" ? null : next })}
            options={[
              { value: "all", label: "All" },
              { value: "yes", label: "Used" },
              { value: "no", label: "Unused", count: query.data ? unused : undefined },
            ]}
          />
        </ListHeader>
        <PagedTable
          label="Images"
          noun="image"
          pages={query}
          failure={query.error && explain(query.error)}
          rows={rows}
          columns={STORED_COLUMNS}
          rowKey={imageKey}
          rowHeight={52}
          activeKey={chosen && imageKey(chosen)}
          onOpen={(one) => setUrl({ image: imageKey(one) === url.image ? null : imageKey(one) })}
          sort={sort}
          onSort={(next) => setUrl({ sort: next === "-pushed_at" ? null : next })}
          empty={
            <EmptyState
              icon={icon}
              title={isFiltered ? "No matching images" : "No images yet"}
              action={
                isFiltered && (
                  <Button
                    onClick={() => {
                      setTyped("");
                      setUrl({ q: null, used: null });
                    }}
                  >
                    Show all
                  </Button>
                )
              }
            >
              {isFiltered ? undefined : "Images that are built here without naming another registry are listed here."}
            </EmptyState>
          }
        />
      </div>
      {chosen && (
        <StoredImagePanel
          key={imageKey(chosen)}
          image={chosen}
          mayRemove={mayRemove}
          onRemove={() => setDoomed([chosen])}
          onClose={() => setUrl({ image: null })}
        />
      )}
      {team && mayRemove && (doomed || url.remove) && (
        <RemoveImagesDialog
          team={team.id}
          images={doomed ?? []}
          title={doomed ? "Remove this image" : `Remove ${plural(unused, "image")} that nothing uses`}
          onClose={close}
          onRemoved={() => {
            close();
            setUrl({ image: null, remove: null });
          }}
        />
      )}
    </div>
  );
}

/** Images go to other registries; these list their own. */
function NoEmbeddedRegistry() {
  return (
    <div className="flex min-h-0 min-w-0 flex-1 flex-col">
      <ListHeader title={TITLE} />
      <div className="flex min-h-0 flex-1 flex-col bg-surface">
        <EmptyState
          icon={icon}
          title="No embedded registry"
          action={<LinkButton to="/registries">Registries</LinkButton>}
        >
          None runs beside this server: images that are built go to registries that were added. Whoever runs the server
          can have one with KUBEORCH_EMBEDDED_REGISTRY=1.
        </EmptyState>
      </div>
    </div>
  );
}
