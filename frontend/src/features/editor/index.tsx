/** The page of one workflow: canvas, palette, inspector. */
export default function EditorPage() {
  return null;
}
