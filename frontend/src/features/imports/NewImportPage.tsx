import { useNavigate } from "react-router";
import { asProblem } from "@/api";
import { useTeamChoice } from "@/product";
import { PageHeader, Segmented, SkeletonRows, useCrumbs, useUrlState } from "@/ui";
import { useCreateImport, useImport } from "./queries";
import { SOURCES } from "./sources/sources";

/** The first step of an import: where it comes from. */
export default function NewImportPage() {
  useCrumbs({ label: "Imports", to: "/imports" }, { label: "New import" });
  const navigate = useNavigate();
  const team = useTeamChoice();
  const create = useCreateImport();
  const [url, setUrl] = useUrlState(["from", "into", "corrects"]);
  // Fields begin with what was asked for before.
  const isComing = useImport(url.corrects).isLoading;
  const { id, Form } = SOURCES.find((one) => one.id === url.from) ?? SOURCES[0];
  return (
    <div className="min-h-0 flex-1 overflow-y-auto">
      <PageHeader
        title="Import"
        subtitle="You see what becomes of every key before a workflow is made. Nothing runs."
      />
      <div className="flex max-w-200 flex-col gap-4 px-5 pb-10">
        {SOURCES.length > 1 && (
          <div>
            <Segmented
              label="Source"
              from={520}
              className="w-44"
              value={id}
              onChange={(from) => {
                create.reset();
                setUrl({ from });
              }}
              options={SOURCES.map((one) => ({ value: one.id, label: one.label }))}
            />
          </div>
        )}
        {team.field}
        {isComing ? (
          <SkeletonRows />
        ) : (
          <Form
            key={id}
            team={team.team}
            isBusy={create.isPending}
            error={create.error && asProblem(create.error)}
            onSubmit={(source, { name, onMade } = {}) =>
              create.mutate(
                { name: name ?? "", team: team.team, source },
                {
                  onSuccess: (made) => {
                    onMade?.(made.id);
                    void navigate(`/imports/${made.id}${url.into ? `?into=${url.into}` : ""}`);
                  },
                },
              )
            }
          />
        )}
      </div>
    </div>
  );
}
