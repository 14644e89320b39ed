import { FolderTree } from "lucide-react";
import { useState } from "react";
import { Button, Popover } from "@/ui";
import { PathBrowser, type PathBrowserProps } from "./PathBrowser";

/** A button that opens the folders of a repository, as its git server tells of them. */
export function PathPicker(props: PathBrowserProps & { readonly label: string }) {
  const [isOpen, open] = useState(false);
  return (
    <Popover
      label={props.label}
      align="end"
      width={440}
      open={isOpen}
      onOpenChange={open}
      trigger={
        <Button
          aria-label={props.label}
          disabled={!props.place.repository.trim()}
          icon={<FolderTree size={14} aria-hidden />}
        >
          Browse
        </Button>
      }
    >
      <PathBrowser
        {...props}
        onPick={(path) => {
          props.onPick(path);
          open(false);
        }}
      />
    </Popover>
  );
}
