import { Dialog, FORM_KEYS, Kbd, keysOf, labelOf, type Command, type KeyHelp } from "@/ui";

/** All shortcuts that work now: those of the commands and of forms. */
export function ShortcutsDialog({
  open,
  onOpenChange,
  commands,
}: {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  commands: readonly Command[];
}) {
  const rows = commands.flatMap((command): KeyHelp[] => {
    const keys = keysOf(command)[0];
    return keys === undefined || command.label === "" ? [] : [{ group: command.group, label: labelOf(command), keys }];
  });
  const groups = Map.groupBy([...rows, ...FORM_KEYS], (row) => row.group);
  return (
    <Dialog open={open} onOpenChange={onOpenChange} title="Keyboard shortcuts" size="lg">
      <div className="gap-x-10 sm:columns-2">
        {[...groups].map(([group, members]) => (
          <section key={group} className="mb-5 break-inside-avoid">
            <h3 className="mb-1 text-12 font-medium text-muted">{group}</h3>
            <dl>
              {members.map(({ keys, label }) => (
                <div
                  key={keys + label}
                  className="flex h-8 items-center justify-between gap-4 border-b border-line text-13 last:border-b-0"
                >
                  <dt>{label}</dt>
                  <dd>
                    <span className="sr-only">{keys}</span>
                    <Kbd keys={keys} />
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
