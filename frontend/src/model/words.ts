/** The API begins its details in lower case, to be put after a colon; standing alone they are sentences. */
export function sentence(text: string): string {
  const trimmed = text.trim();
  if (!trimmed) return "";
  const upper = trimmed.charAt(0).toUpperCase() + trimmed.slice(1);
  return /[.!?:]$/.test(upper) ? upper : `${upper}.`;
}

/** "a, b, a" → ["a", "b"]. */
export const splitTags = (text: string): string[] => [
  ...new Set(
    text
      .split(",")
      .map((tag) => tag.trim())
      .filter(Boolean),
  ),
];
