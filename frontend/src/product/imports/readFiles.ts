import type { ChosenFile } from "@/model/importFiles";
import {
  ALL_MOST_BYTES,
  commonFolder,
  FILE_MOST_BYTES,
  FILES_MOST,
  mayNameFiles,
  neededFiles,
} from "@/model/importFiles";

export interface FoundFile {
  readonly path: string;
  readonly file: File;
}

/** Folders whose content no service mounts. */
const SKIPPED = new Set([".git", "node_modules", ".venv", "__pycache__", ".idea", ".vscode"]);
/** Looked at in a folder; the list says when there are too many. */
const WALKED_MOST = 5000;
/** Files that may say which others are needed, and are read for that. */
const READ_MOST = 300;

/** What was dropped, folders walked through. It asks for the entries at once: the browser forgets them after the event. */
export function droppedFiles(data: DataTransfer): Promise<FoundFile[]> {
  const entries = [...data.items].flatMap((item) => item.webkitGetAsEntry() ?? []);
  if (entries.length === 0) return Promise.resolve([...data.files].map((file) => ({ path: file.name, file })));
  return walk(entries);
}

async function walk(entries: readonly FileSystemEntry[]): Promise<FoundFile[]> {
  const found: FoundFile[] = [];
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
export const chosenFiles = (list: FileList): FoundFile[] =>
  [...list]
    .map((file) => ({ path: file.webkitRelativePath || file.name, file }))
    .filter(({ path }) => !path.split("/").some((part) => SKIPPED.has(part)));

/** Files with their content, without the folder that all lie in. */
export interface ReadFiles {
  readonly files: ChosenFile[];
  /** The name of that folder; "" for none. */
  readonly folder: string;
  /** How many were left out because nothing uses them; none where all are few enough to be sent. */
  readonly leftOut: number;
}

export async function readFiles(found: readonly FoundFile[]): Promise<ReadFiles> {
  const folder = commonFolder(found.map(({ path }) => path));
  const start = folder === "" ? 0 : folder.length + 1;
  const all = found.map(({ path, file }) => ({ path: path.slice(start), file }));
  const wanted = isTooMuch(all) ? await needed(all) : all;
  const files = await Promise.all(wanted.map(({ path, file }) => read(path, file)));
  return { files, folder: folder.split("/").at(-1) ?? "", leftOut: all.length - wanted.length };
}

const isTooMuch = (all: readonly FoundFile[]): boolean =>
  all.length > FILES_MOST ||
  all.some(({ file }) => file.size > FILE_MOST_BYTES) ||
  all.reduce((sum, { file }) => sum + file.size, 0) > ALL_MOST_BYTES;

/** Those that the project needs, which only the project's own files say. */
async function needed(all: readonly FoundFile[]): Promise<FoundFile[]> {
  const telling = all
    .filter(({ path, file }) => mayNameFiles(path) && file.size <= FILE_MOST_BYTES)
    .toSorted((a, b) => a.path.split("/").length - b.path.split("/").length)
    .slice(0, READ_MOST);
  const texts = await Promise.all(telling.map(({ path, file }) => read(path, file)));
  const wanted = neededFiles(
    all.map(({ path }) => path),
    texts,
  );
  return wanted === null ? [...all] : all.filter(({ path }) => wanted.has(path));
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
