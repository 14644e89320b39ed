import { useState } from "react";
import type { ApiProblem } from "@/api";
import { explain } from "@/product";
import { Checkbox, ErrorState, Input, SkeletonRows } from "@/ui";
import { useWatchableImages } from "../../queries";

const MOST = 20;
const LONG = 10;

/** The images of the drawing that a trigger watches. One that is watched and not drawn any more can be left out. */
export function ImagesField({
  environmentId,
  value,
  onChange,
  problem,
}: {
  environmentId: string;
  value: readonly string[];
  onChange: (value: string[]) => void;
  problem: ApiProblem | null;
}) {
  const drawn = useWatchableImages(environmentId);
  const [part, setPart] = useState("");
  const names = [...new Set([...(drawn.data?.images ?? []), ...value])].sort();
  const shown = names.filter((name) => name.includes(part.trim()));
  const unlisted = (drawn.data?.total ?? 0) - (drawn.data?.images.length ?? 0);
  const full = value.length >= MOST;
  const wrong = problem?.of("images");
  return (
    <fieldset className="flex min-w-0 flex-col gap-1.5">
      <legend className="mb-1.5 text-12 font-medium text-text">Images</legend>
      {drawn.isPending ? (
        <SkeletonRows rows={2} />
      ) : drawn.error ? (
        <ErrorState
          inline
          title="The images could not be loaded"
          {...explain(drawn.error)}
          onRetry={() => void drawn.refetch()}
        />
      ) : names.length === 0 ? (
        <p className="text-13 text-muted">
          No container of the saved graph names an image by a tag. Give one an image such as nginx:1.27, and save.
          Images that are built here have no tag in it: a trigger of the kind “New build” follows them.
        </p>
      ) : (
        <>
          {names.length > LONG && (
            <Input
              aria-label="Find an image"
              placeholder="Part of the name"
              value={part}
              onChange={(event) => setPart(event.target.value)}
            />
          )}
          <div className="flex max-h-48 flex-col gap-1.5 overflow-y-auto">
            {shown.length === 0 && <p className="text-13 text-muted">None has that in its name.</p>}
            {shown.map((name) => (
              <Checkbox
                key={name}
                checked={value.includes(name)}
                disabled={full && !value.includes(name)}
                onChange={(on) => onChange(on ? [...value, name] : value.filter((one) => one !== name))}
                label={<span className="font-mono break-all">{name}</span>}
                help={drawn.data?.images.includes(name) ? undefined : "Not in the saved graph"}
              />
            ))}
          </div>
          <p className="text-12 text-muted" role="status">
            {value.length} of {MOST} at most{full ? "; another trigger can watch more" : ""}.
            {unlisted > 0 && ` ${unlisted} more are drawn than are listed here.`}
          </p>
        </>
      )}
      {wrong && (
        <p role="alert" className="text-12 text-bad wrap-anywhere">
          {wrong}
        </p>
      )}
      <p className="text-12 text-muted">
        Their registries are asked every few minutes, with the accounts of the team. From then on every run takes the
        digest that was seen last, and another one starts a run, some minutes after the last at the earliest. What a
        rollback returned to stays until the tag moves again.
      </p>
    </fieldset>
  );
}
