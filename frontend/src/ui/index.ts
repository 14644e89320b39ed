export { Button, IconButton, LinkButton } from "./Button";
export { copyText } from "./clipboard";
export { CodeView } from "./CodeView";
export { CopyButton } from "./CopyButton";
export { cx } from "./cx";
export { Field } from "./Field";
export { Checkbox, Input, PasswordInput, SearchInput, Segmented, Select, Switch, Textarea } from "./inputs";
export { fuzzyFind } from "./fuzzyFind";
export { FormDialog } from "./FormDialog";
export { Kbd } from "./Kbd";
export { ConfirmDialog, Dialog, FORM_KEYS, Menu, Popover, type MenuEntry } from "./overlays";
export { Card, Facts, ListHeader, PageHeader } from "./Page";
export { PagedTable } from "./PagedTable";
export { ProgressBar, SegmentBar } from "./ProgressBar";
export { Elapsed, RelativeTime, useNow } from "./RelativeTime";
export { type KeyHelp } from "./keys";
export { ResizeHandle, SidePanel, useResizable } from "./SidePanel";
export { EmptyState, ErrorState, Skeleton, SkeletonRows } from "./states";
export { readStored, writeStored } from "./stored";
export { saveFile } from "./saveFile";
export { Table, TABLE_KEYS, type Column } from "./Table";
export { Tabs } from "./Tabs";
export { Avatar, FilterChip, Tag } from "./Tag";
export { useTheme, type ThemeChoice } from "./theme";
export { TONE_SOFT, TONE_TEXT, type Tone } from "./tones";
export { duration, relativeTime } from "./time";
export { toast, Toaster } from "./Toast";
export { Tooltip, TooltipProvider } from "./Tooltip";
export { YamlEditor } from "./YamlEditor";
export {
  isEnabled,
  keysOf,
  labelOf,
  menuItem,
  useAllCommands,
  useCommandKeys,
  useCommands,
  useShortcut,
  type Command,
} from "./commands";
export { useCrumbs, useCrumbTrail } from "./crumbs";
export { useUrlState } from "./urlState";
export { LogView } from "./LogView";
export { motionMs, useMedia } from "./media";
