import { useNavigate } from "react-router";
import { Segmented } from "@/ui";

/** From builds to sources and back. */
export function Places({ here }: { here: "builds" | "sources" }) {
  const navigate = useNavigate();
  return (
    <Segmented
      label="Show"
      value={here}
      onChange={(next) => void navigate(next === "builds" ? "/builds" : "/builds/sources")}
      options={[
        { value: "builds", label: "Builds" },
        { value: "sources", label: "Sources" },
      ]}
    />
  );
}
