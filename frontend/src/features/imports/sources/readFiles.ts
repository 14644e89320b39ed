import type { ChosenFile } from "@/model/importFiles";
import { commonFolder, FILE_MOST_BYTES } from "@/model/importFiles";

interface Found {
  readonly path: string;
  readonly file: File;
}

/** Folders whose content no service mounts. */
const SKIPPED = new Set([".git", "node_modules", ".venv", "__pycache__", ".idea", ".vscode"]);
/** Looked at in a folder that is dropped; the list says when there are too many. */
const WALKED_MOST = 500;

/** What was dropped, folders walked through. It asks for the entries at once: the browser forgets them after the event. */
export function droppedFiles(data: DataTransfer): Promise<Found[]> {
  const entries = [...data.items].flatMap((item) => item.webkitGetAsEntry() ?? []);
  if (entries.length === 0) return Promise.resolve([...data.files].map((file) => ({ path: file.name, file })));
  return walk(entries);
}

async function walk(entries: readonly FileSystemEntry[]): Promise<Found[]> {
  const found: Found[] = [];
  const waiting = [...entries];
  for (let entry = waiting.shift(); entry && found.length < WALKED_MOST; entry = waiting.shift()) {
    const path = entry.fullPath.replace(/^\//, "");
    if (entry.isFile) found.push({ path, file: await fileOf(entry as FileSystemFileEntry) });
    else if (!SKIPPED.has(entry.name)) waiting.push(...(await childrenOf(entry as FileSystemDirectoryEntry)));
  }
  return found;
}

const fileOf = (entry: FileSystemFileEntry): Promise<File> => new Promise((done, failed) => entry.file(done, failed));

async function childrenOf(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const all: FileSystemEntry[] = [];
  for (;;) {
    // It gives a hundred at a time, and none when there are no more.
    const some = await new Promise<FileSystemEntry[]>((done, failed) => reader.readEntries(done, failed));
    if (some.length === 0) return all;
    all.push(...some);
  }
}

/** What was chosen in a dialog for files or for a folder. */
export const chosenFiles = (list: FileList): Found[] =>
  [...list]
    .map((file) => ({ path: file.webkitRelativePath || file.name, file }))
    .filter(({ path }) => !path.split("/").some((part) => SKIPPED.has(part)));

/** The files with their content; the folder that all lie in is left off and gives the name. */
export async function readFiles(found: readonly Found[]): Promise<{ files: ChosenFile[]; folder: string }> {
  const folder = commonFolder(found.map(({ path }) => path));
  const start = folder === "" ? 0 : folder.length + 1;
  const files = await Promise.all(found.map(({ path, file }) => read(path.slice(start), file)));
  return { files, folder };
}

async function read(path: string, file: File): Promise<ChosenFile> {
  if (file.size > FILE_MOST_BYTES) return { path, bytes: file.size, text: null, base64: null };
  const content = new Uint8Array(await file.arrayBuffer());
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(content);
    // JSON of the API takes no NUL.
    if (!text.includes("\0")) return { path, bytes: content.length, text, base64: null };
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
  }
  let binary = "";
  for (const byte of content) binary += String.fromCharCode(byte);
  return { path, bytes: content.length, text: null, base64: btoa(binary) };
}
