import type { ApiProblem } from "@/api";
import { explain } from "@/product";
import { Checkbox, ErrorState, SkeletonRows } from "@/ui";
import { useWatchableImages } from "../../queries";

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
  const names = [...new Set([...(drawn.data?.images ?? []), ...value])].sort();
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
        </p>
      ) : (
        <div className="flex max-h-48 flex-col gap-1.5 overflow-y-auto">
          {names.map((name) => (
            <Checkbox
              key={name}
              checked={value.includes(name)}
              onChange={(on) => onChange(on ? [...value, name] : value.filter((one) => one !== name))}
              label={<span className="font-mono break-all">{name}</span>}
              help={drawn.data?.images.includes(name) ? undefined : "Not in the saved graph"}
            />
          ))}
        </div>
      )}
      {wrong && (
        <p role="alert" className="text-12 text-bad wrap-anywhere">
          {wrong}
        </p>
      )}
      <p className="text-12 text-muted">
        Their registries are asked every few minutes, with the accounts of the team. From then on every run takes the
        digest that was seen last, and another one starts a run.
      </p>
    </fieldset>
  );
}
