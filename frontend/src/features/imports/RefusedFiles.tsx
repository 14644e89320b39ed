import type { ReactNode } from "react";
import type { Import } from "@/contract";
import type { ChosenFile } from "@/model/importFiles";
import { refusedWords } from "@/model/importWords";
import { sentence } from "@/model/words";
import { allOf, useChosenFiles } from "@/product";
import { ErrorState } from "@/ui";
import { Excerpt } from "./Excerpt";

interface RefusedFilesProps {
  readonly found: Import;
  /** How the file that is named can be mended, where the page still has it. */
  readonly mend?: (file: ChosenFile) => ReactNode;
}

/** Why files could not be converted, with the line and its neighbours where the page still has the file. */
export function RefusedFiles({ found, mend }: RefusedFilesProps) {
  const [form] = useChosenFiles();
  const { problem } = found;
  if (!problem) return null;
  const file = form.sentAs === found.id ? allOf(form).find(({ path }) => path === problem.path) : undefined;
  return (
    <div className="flex min-w-0 flex-col gap-2">
      <ErrorState inline title={refusedWords(found)} reason={sentence(problem.detail)} />
      {file?.text && (problem.line ?? 0) > 0 && <Excerpt text={file.text} line={problem.line ?? 0} />}
      {file && mend?.(file)}
    </div>
  );
}
