/** One open workflow: its document, its view, and what saves it. */
import { createContext, use, useCallback, type RefCallback } from "react";
import { useStore } from "zustand";
import type { Catalog, Kind } from "@/model/catalog";
import type { Autosaver } from "./autosaver";
import type { DocumentState, DocumentStore } from "./documentStore";
import type { Focus, FocusTarget } from "./focus";
import type { ViewState, ViewStore } from "./viewStore";

export interface EditorSession {
  readonly workflowId: string;
  readonly catalog: Catalog;
  readonly document: DocumentStore;
  readonly view: ViewStore;
  readonly autosaver: Autosaver;
  readonly focus: Focus;
}

const SessionContext = createContext<EditorSession | null>(null);
export const SessionProvider = SessionContext;

export function useEditor(): EditorSession {
  const session = use(SessionContext);
  if (!session) throw new Error("This part of the editor needs an open workflow.");
  return session;
}

export function useDocument<T>(selector: (state: DocumentState) => T): T {
  return useStore(useEditor().document, selector);
}

export function useView<T>(selector: (state: ViewState) => T): T {
  return useStore(useEditor().view, selector);
}

export function useKind(kindId: string | undefined): Kind | undefined {
  return useEditor().catalog.kindById.get(kindId ?? "");
}

/** The ref of the element that takes the focus of `target`. */
export function useFocusTarget(target: FocusTarget): RefCallback<HTMLElement> {
  const { focus } = useEditor();
  return useCallback((element) => (element ? focus.register(target, element) : undefined), [focus, target]);
}
