export {
  Button,
  IconButton,
  LinkButton,
  type ButtonProps,
  type ButtonSize,
  type ButtonTone,
  type IconButtonProps,
} from "./Button";
export { copyText } from "./clipboard";
export { CodeView } from "./CodeView";
export { CopyButton } from "./CopyButton";
export { cx } from "./cx";
export { DiffView, type FieldChange } from "./DiffView";
export { Field, useFieldProps, type FieldProps } from "./Field";
export {
  Checkbox,
  Input,
  PasswordInput,
  SearchInput,
  Segmented,
  Select,
  Switch,
  Textarea,
  type CheckboxProps,
  type InputProps,
  type SegmentedProps,
  type SelectOption,
  type SelectProps,
  type SwitchProps,
  type TextareaProps,
} from "./inputs";
export { FormDialog, type FormDialogProps } from "./FormDialog";
export { Kbd } from "./Kbd";
export {
  ConfirmDialog,
  Dialog,
  FORM_KEYS,
  Menu,
  Popover,
  type ConfirmDialogProps,
  type DialogProps,
  type MenuEntry,
  type MenuItem,
  type MenuProps,
  type PopoverProps,
} from "./overlays";
export { Card, Facts, ListHeader, PageHeader, type PageHeaderProps } from "./Page";
export { PagedTable, type PagedTableProps } from "./PagedTable";
export { ProgressBar, SegmentBar, type ProgressBarProps } from "./ProgressBar";
export { Elapsed, RelativeTime, useNow } from "./RelativeTime";
export { type KeyHelp } from "./keys";
export { ResizeHandle, SidePanel, useResizable, type SidePanelProps } from "./SidePanel";
export { EmptyState, ErrorState, Skeleton, SkeletonRows, type EmptyStateProps, type ErrorStateProps } from "./states";
export { readStored, writeStored } from "./stored";
export { saveFile } from "./saveFile";
export { Table, TABLE_KEYS, type Column, type TableProps } from "./Table";
export { NavTabs, Tabs, type TabsProps } from "./Tabs";
export { Avatar, FilterChip, Tag } from "./Tag";
export { useTheme, type ThemeChoice } from "./theme";
export { TONE_FILL, TONE_SOFT, TONE_TEXT, type Tone } from "./tones";
export { duration, exactTime, relativeTime } from "./time";
export { toast, Toaster, type ToastMessage } from "./Toast";
export { Tooltip, TooltipProvider, type TooltipProps } from "./Tooltip";
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
export { useCrumbs, useCrumbTrail, type Crumb } from "./crumbs";
export { useUrlState } from "./urlState";
export { LogView, type LogEntry } from "./LogView";
export { motionMs, useMedia } from "./media";
