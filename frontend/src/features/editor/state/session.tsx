/** One open workflow: its document, how it is looked at, and what carries it to the server. */
import { createContext, use } from "react";
import { useStore } from "zustand";
import type { Catalog, Kind } from "@/model/catalog";
import type { Autosaver } from "./autosaver";
import type { DocumentState, DocumentStore } from "./documentStore";
import type { ViewState, ViewStore } from "./viewStore";

export interface EditorSession {
  readonly workflowId: string;
  readonly catalog: Catalog;
  readonly document: DocumentStore;
  readonly view: ViewStore;
  readonly autosaver: Autosaver;
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
