import type { Import } from "@/contract";
import { plural } from "@/model/words";
import { Card } from "@/ui";

/** Images that the files build: what a build of each would need. Until then each service needs an image that exists. */
export function GitBuilds({ found }: { found: Import }) {
  if (found.builds.length === 0) return null;
  const { git } = found.source;
  return (
    <Card title="Images that are built">
      <p className="text-13 text-muted">
        Nothing is built here: build them elsewhere, and name the images above.
        {git?.commit && ` They are built of commit ${git.commit.slice(0, 12)}.`}
      </p>
      <ul aria-label="Builds" className="mt-2 flex flex-col gap-1 text-13">
        {found.builds.map((one) => (
          <li key={one.service} className="break-all">
            {one.service}: <span className="font-mono text-12">{one.context}</span>
            {one.dockerfile && (
              <>
                {" "}
                by <span className="font-mono text-12">{one.dockerfile}</span>
              </>
            )}
            {one.target && `, target ${one.target}`}
            {one.args.length > 0 && `, ${plural(one.args.length, "argument")}: ${one.args.join(", ")}`}
          </li>
        ))}
      </ul>
    </Card>
  );
}
