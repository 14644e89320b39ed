import { Dialog, Kbd, useCommandList } from "@/ui";

const EVERYWHERE: readonly [keys: string, does: string][] = [
  ["mod+k", "Search or act"],
  ["g w", "Go to workflows"],
  ["g r", "Go to runs"],
  ["g c", "Go to clusters"],
  ["g s", "Go to settings"],
  ["?", "This list"],
];
const IN_TABLES: readonly [keys: string, does: string][] = [
  ["j", "Next row"],
  ["k", "Row before"],
  ["enter", "Open the row"],
  ["/", "Search the list"],
];
const IN_FORMS: readonly [keys: string, does: string][] = [["mod+enter", "Send the form"]];

export function ShortcutsDialog({ open, onOpenChange }: { open: boolean; onOpenChange: (open: boolean) => void }) {
  const offered = useCommandList((state) => state.offered);
  const here = [...offered.values()]
    .flat()
    .flatMap((command): [string, string][] => (command.shortcut ? [[command.shortcut, command.label]] : []));
  return (
    <Dialog open={open} onOpenChange={onOpenChange} title="Keyboard shortcuts" size="lg">
      <div className="grid gap-x-10 gap-y-5 sm:grid-cols-2">
        <Group title="Everywhere" rows={EVERYWHERE} />
        {here.length > 0 && <Group title="On this page" rows={here} />}
        <Group title="In tables" rows={IN_TABLES} />
        <Group title="In forms" rows={IN_FORMS} />
      </div>
    </Dialog>
  );
}

function Group({ title, rows }: { title: string; rows: readonly [keys: string, does: string][] }) {
  return (
    <section>
      <h3 className="mb-1 text-12 font-medium text-muted">{title}</h3>
      <dl>
        {rows.map(([keys, does]) => (
          <div
            key={keys + does}
            className="flex h-8 items-center justify-between gap-4 border-b border-line text-13 last:border-b-0"
          >
            <dt>{does}</dt>
            <dd>
              <span className="sr-only">{keys}</span>
              <Kbd keys={keys} />
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
