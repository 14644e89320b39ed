import { Check, Copy } from "lucide-react";
import { useEffect, useState } from "react";
import { Button, IconButton } from "./Button";
import { copyText } from "./clipboard";

export function CopyButton({
  text,
  label = "Copy",
  withLabel = false,
}: {
  text: string | (() => string);
  label?: string;
  withLabel?: boolean;
}) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = window.setTimeout(() => setCopied(false), 1600);
    return () => window.clearTimeout(timer);
  }, [copied]);
  const copy = () => void copyText(typeof text === "function" ? text() : text).then(setCopied);
  const icon = copied ? <Check size={14} className="text-ok" aria-hidden /> : <Copy size={14} aria-hidden />;
  if (withLabel)
    return (
      <Button size="sm" icon={icon} onClick={copy}>
        {copied ? "Copied" : label}
      </Button>
    );
  return (
    <IconButton label={copied ? "Copied" : label} size="sm" onClick={copy}>
      {icon}
    </IconButton>
  );
}
