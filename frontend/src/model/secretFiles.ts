/** Of the values of one Secret, as Kubernetes has it. */
export const MOST_BYTES = 1024 * 1024;

const FILES = /\.(crt|cer|cert|key|pem|dockerconfigjson|json|ya?ml|conf|ini|properties)$|^ssh-privatekey$/i;

/** Whether the value of a key is typed in several lines: it has some, or the key is called like a file. */
export function isWrittenInLines(key: string, value: string): boolean {
  return value.includes("\n") || FILES.test(key);
}

/** The text of a file, null for one that is too large or no text. */
export async function readSecretFile(file: Blob): Promise<string | null> {
  if (file.size > MOST_BYTES) return null;
  const bytes = await file.arrayBuffer();
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}
