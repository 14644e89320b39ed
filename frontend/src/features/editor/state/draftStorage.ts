/** Drafts in IndexedDB: large graphs fit, and writing does not block typing. */
import type { Draft, DraftStore } from "@/model/draft";

const DATABASE = "kubeorch";
const TABLE = "drafts";

export const browserDrafts: DraftStore = {
  read: async (workflowId) => {
    try {
      return ((await request("readonly", (table) => table.get(workflowId))) as Draft | undefined) ?? null;
    } catch {
      return null;
    }
  },
  write: async (draft) => {
    await request("readwrite", (table) => table.put(draft));
  },
  clear: async (workflowId) => {
    await request("readwrite", (table) => table.delete(workflowId));
  },
};

let opening: Promise<IDBDatabase> | null = null;

function open(): Promise<IDBDatabase> {
  opening ??= new Promise<IDBDatabase>((resolve, reject) => {
    const opened = indexedDB.open(DATABASE, 1);
    opened.onupgradeneeded = () => opened.result.createObjectStore(TABLE, { keyPath: "workflow_id" });
    opened.onsuccess = () => resolve(opened.result);
    opened.onerror = () => reject(opened.error ?? new Error("This browser stores no drafts."));
  });
  opening.catch(() => (opening = null));
  return opening;
}

async function request(mode: IDBTransactionMode, ask: (table: IDBObjectStore) => IDBRequest): Promise<unknown> {
  const database = await open();
  return new Promise((resolve, reject) => {
    const asked = ask(database.transaction(TABLE, mode).objectStore(TABLE));
    asked.onsuccess = () => resolve(asked.result as unknown);
    asked.onerror = () => reject(asked.error ?? new Error("The draft could not be stored."));
  });
}
