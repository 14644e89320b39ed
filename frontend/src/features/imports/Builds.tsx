import { Link } from "react-router";
import type { Import } from "@/contract";
import { plural, sentence } from "@/model/words";
import { Button, Card } from "@/ui";

type Build = Import["builds"][number];
type Source = Import["sources"][number];

const DIFFERS: Readonly<Record<string, string>> = {
  args: "other build arguments",
  platform: "another platform",
  secrets: "no value for some secrets",
};

interface BuildsProps {
  readonly found: Import;
  /** Leads to the decision that is named; where nothing can be decided any more, nothing is offered. */
  readonly onDecide?: ((decisionId: string) => void) | undefined;
}

/** The images that the files build: of which source each is, or why somebody has to name it. */
export function Builds({ found, onDecide }: BuildsProps) {
  if (found.builds.length === 0) return null;
  const sources = new Map(found.sources.map((one) => [one.node_id, one]));
  const open = found.builds.filter((one) => one.why_not !== "");
  const asks = found.decisions.some(({ id, answer }) => id === "build/repository" && answer === "");
  return (
    <Card
      title={`${plural(found.builds.length, "image")} to build`}
      description={
        open.length === 0
          ? "Built by KubeOrch from git. A run takes the newest build by its digest."
          : asks
            ? `${found.builds.length === 1 ? "It is" : "They are"} built from the git repository that the files are from. Give it, or name an image${found.builds.length === 1 ? "" : " for each"}.`
            : undefined
      }
      actions={
        asks && onDecide ? (
          <Button size="sm" onClick={() => onDecide("build/repository")}>
            Give the repository
          </Button>
        ) : undefined
      }
    >
      <ul aria-label="Images to build" className="flex flex-col gap-2.5 text-13">
        {found.builds.map((one) => (
          <li key={one.service} className="min-w-0">
            <Row
              build={one}
              source={one.source_id === null ? undefined : sources.get(one.source_id)}
              isSaidAbove={asks && one.why_not === open[0]?.why_not}
            />
          </li>
        ))}
      </ul>
    </Card>
  );
}

interface RowProps {
  readonly build: Build;
  readonly source: Source | undefined;
  /** Why it is not built, as for all of them. */
  readonly isSaidAbove: boolean;
}

function Row({ build, source, isSaidAbove }: RowProps) {
  return (
    <>
      <p className="flex min-w-0 flex-wrap items-baseline gap-x-2">
        <span className="font-mono text-12 font-medium break-all">{build.service}</span>
        {source ? (
          <span className="text-muted">
            from the source{" "}
            {source.id === null ? (
              <span className="font-mono text-12">{source.name}</span>
            ) : (
              <Link
                to={`/builds/sources?q=${encodeURIComponent(source.name)}`}
                className="rounded-sm font-mono text-12 text-accent-text hover:underline"
              >
                {source.name}
              </Link>
            )}
            {source.id === null ? ", which is made with the workflow" : ", which your team has"}
          </span>
        ) : (
          <span className={build.why_not ? "text-warn" : "text-muted"}>
            {!build.why_not
              ? "Runs an image that exists already, as you decided."
              : isSaidAbove
                ? "not built yet"
                : sentence(build.why_not)}
          </span>
        )}
      </p>
      <p className="font-mono text-12 wrap-anywhere text-muted">
        {source
          ? `${source.repository}${source.ref ? ` ${source.ref}` : ""}${source.root ? `, ${source.root}` : ""}`
          : build.context}
        {build.dockerfile && ` · ${build.dockerfile}`}
        {build.target && ` · target ${build.target}`}
        {build.args.length > 0 && ` · ${build.args.join(", ")}`}
      </p>
      {source && source.differs.length > 0 && (
        <p className="text-12 text-warn">
          It stays as it is, with {source.differs.map((one) => DIFFERS[one] ?? one).join(" and ")}.
        </p>
      )}
    </>
  );
}
