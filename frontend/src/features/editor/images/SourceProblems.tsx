import { useEffect } from "react";
import { sourceProblems } from "@/model/sources";
import { useDocument, useEditor } from "../state/session";
import { useImages } from "./useImages";

/** Tells the document of sources that the team does not have, or of builds that are not there: no graph says so. */
export function SourceProblems(): null {
  const { document: store } = useEditor();
  const document = useDocument((state) => state.document);
  const found = useImages(Object.values(document.nodes).some(({ kind }) => kind === "source"));
  useEffect(() => {
    const problems = sourceProblems(document, found?.nodes ?? []);
    if (JSON.stringify(problems) !== JSON.stringify(store.getState().besideProblems)) store.getState().beside(problems);
  }, [store, document, found]);
  return null;
}
