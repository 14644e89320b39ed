import { useCallback } from "react";
import { useNavigate } from "react-router";
import { NO_FILES, useChosenFiles, withFiles } from "./chosenFiles";
import type { FoundFile } from "./readFiles";
import { readFiles } from "./readFiles";

/** Opens a new import of files that were dropped, to be merged into a workflow where one is given. */
export function useOpenImport(): (found: readonly FoundFile[], into?: string) => Promise<void> {
  const navigate = useNavigate();
  const [, change] = useChosenFiles();
  return useCallback(
    async (found, into) => {
      if (found.length === 0) return;
      const { files, folder, leftOut } = await readFiles(found);
      change(() => ({ ...withFiles(NO_FILES, files), folder, leftOut }));
      void navigate(`/imports/new${into ? `?into=${into}` : ""}`);
    },
    [navigate, change],
  );
}
