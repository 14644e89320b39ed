import { useEffect } from "react";
import type { CardMark } from "@/model/markedGraph";
import { useEditor } from "../state/session";

/** The cards say what a check has found, while it is shown. */
export function useMarksOnCards(marks: ReadonlyMap<string, CardMark> | null): void {
  const { view } = useEditor();
  useEffect(() => {
    if (!marks) return undefined;
    view.setState({ cardMarks: marks });
    return () => view.setState({ cardMarks: new Map() });
  }, [marks, view]);
}
