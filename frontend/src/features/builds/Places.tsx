import { useNavigate } from "react-router";
import { Segmented } from "@/ui";

type Place = "builds" | "sources" | "engines";

/** Between builds, sources and engines. */
export function Places({ here }: { here: Place }) {
  const navigate = useNavigate();
  return (
    <Segmented
      label="Show"
      value={here}
      onChange={(next) => void navigate(next === "builds" ? "/builds" : `/builds/${next}`)}
      options={[
        { value: "builds", label: "Builds" },
        { value: "sources", label: "Sources" },
        { value: "engines", label: "Engines" },
      ]}
    />
  );
}
