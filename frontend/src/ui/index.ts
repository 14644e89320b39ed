export { Button, IconButton, LinkButton } from "./Button";
export { Checkbox } from "./Checkbox";
export { copyText } from "./clipboard";
export { CodeView } from "./CodeView";
export {
  isEnabled,
  keysOf,
  labelOf,
  menuItem,
  useAllCommands,
  useCommandKeys,
  useCommands,
  type Command,
} from "./commands";
export { ConfirmDialog } from "./ConfirmDialog";
export { CountChip } from "./CountChip";
export { CopyButton } from "./CopyButton";
export { markTabInBackground, useCrumbs, useCrumbTrail, useTabMark } from "./crumbs";
export { cx } from "./cx";
export { Dialog, FORM_KEYS } from "./Dialog";
export { DoneDialog } from "./DoneDialog";
export { Field } from "./Field";
export { Form } from "./Form";
export { FormDialog, type FormDialogProps } from "./FormDialog";
export { fuzzyFind } from "./fuzzyFind";
export { intoView } from "./intoView";
export { Input } from "./Input";
export { Kbd } from "./Kbd";
export { type KeyHelp } from "./keys";
export { LocalTable, type LocalColumn } from "./LocalTable";
export { LogView } from "./LogView";
export { motionMs, useMedia } from "./media";
export { Menu, type MenuEntry } from "./Menu";
export { Card, Facts, ListHeader, PageHeader } from "./Page";
export { PagedTable } from "./PagedTable";
export { PasswordInput } from "./PasswordInput";
export { Popover } from "./Popover";
export { ProgressBar, SegmentBar } from "./ProgressBar";
export { Elapsed, HowLong, RelativeTime, useNow } from "./RelativeTime";
export { saveFile } from "./saveFile";
export { SearchInput } from "./SearchInput";
export { Segmented } from "./Segmented";
export { Select, type SelectOption } from "./Select";
export { LinkRow } from "./SideRow";
export { ResizeHandle, SidePanel, useResizable } from "./SidePanel";
export { EmptyState, ErrorState, Skeleton, SkeletonRows, type ErrorStateProps } from "./states";
export { readStored, writeStored } from "./stored";
export { Switch } from "./Switch";
export { type Column } from "./Table";
export { useRowTabIndex } from "./TableRow";
export { Tabs } from "./Tabs";
export { Avatar, FilterChip, Tag } from "./Tag";
export { Textarea } from "./Textarea";
export { useTheme, type ThemeChoice } from "./theme";
export { duration, relativeTime } from "./time";
export { toast, Toaster } from "./Toast";
export { TONE_FILL, TONE_SOFT, TONE_TEXT, type Tone } from "./tones";
export { Tooltip, TooltipProvider } from "./Tooltip";
export { TwoColumns } from "./TwoColumns";
export { useTypedSearch, useUrlState } from "./urlState";
export { YamlEditor } from "./YamlEditor";
export type { YamlMark } from "./yamlEditorProps";
