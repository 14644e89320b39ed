import { ChevronDown } from "lucide-react";
import type { ReactNode } from "react";
import { Button, Popover } from "@/ui";
import { PickRows, type Picking, type PickPages } from "../PickRows";

/** A button that opens a list to search and choose from, page by page. */
export function PickList<Row>({
  label,
  disabled,
  picking,
  pages,
  nameOf,
  children,
  onPick,
  above,
}: {
  label: string;
  disabled?: boolean;
  picking: Picking;
  pages: PickPages<Row>;
  nameOf: (row: Row) => string;
  children: (row: Row) => ReactNode;
  onPick: (row: Row) => void;
  /** Between the search and what it finds. */
  above?: ReactNode;
}) {
  return (
    <Popover
      label={label}
      align="end"
      width={380}
      open={picking.isOpen}
      onOpenChange={picking.open}
      trigger={
        <Button disabled={disabled} aria-label={label} icon={<ChevronDown size={14} aria-hidden />}>
          Choose
        </Button>
      }
    >
      <PickRows
        label="Search"
        picking={picking}
        pages={pages}
        nameOf={nameOf}
        above={above}
        onPick={(row) => {
          onPick(row);
          picking.open(false);
        }}
      >
        {children}
      </PickRows>
    </Popover>
  );
}
