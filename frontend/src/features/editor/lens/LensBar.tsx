import { ArrowLeft, Link2 } from "lucide-react";
import { useMemo, useState, type ReactNode } from "react";
import { Button, copyText, IconButton, useCommands, type Command } from "@/ui";

interface LensBarProps {
  readonly title: ReactNode;
  readonly subtitle?: ReactNode;
  readonly onClose: () => void;
  readonly children?: ReactNode;
}

/** In place of the title bar of the editor: what is looked at, the way back, and what can be done with it. */
export function LensBar({ title, subtitle, onClose, children }: LensBarProps) {
  useCommands(
    useMemo(
      (): Command[] => [
        {
          name: "lens.close",
          label: "Back to the editor",
          group: "Canvas",
          keys: "shift+esc",
          icon: <ArrowLeft size={16} aria-hidden />,
          perform: onClose,
        },
      ],
      [onClose],
    ),
  );
  return (
    <header className="flex h-12 shrink-0 items-center gap-2 border-b border-line bg-surface px-3">
      <Button tone="ghost" icon={<ArrowLeft size={14} aria-hidden />} aria-label="Back to the editor" onClick={onClose}>
        <span className="max-md:hidden">Editor</span>
      </Button>
      <div className="min-w-0 flex-1">
        <h1 className="truncate text-14 leading-4.5 font-semibold">{title}</h1>
        {subtitle && <p className="truncate text-12 leading-4 text-muted">{subtitle}</p>}
      </div>
      <span className="max-sm:hidden">
        <CopyLink />
      </span>
      {children}
    </header>
  );
}

function CopyLink() {
  const [copied, setCopied] = useState(false);
  return (
    <IconButton
      label={copied ? "Link copied" : "Copy a link to this view"}
      onClick={() => void copyText(window.location.href).then(() => setCopied(true))}
    >
      <Link2 size={16} aria-hidden />
    </IconButton>
  );
}
