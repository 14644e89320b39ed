import type { ReactNode } from "react";
import { Avatar } from "@/ui";

/** A person in a list, in two lines: name and e-mail address. */
export function Person({
  person,
  isMe,
  tags,
}: {
  person: { readonly name: string; readonly email: string };
  isMe: boolean;
  tags?: ReactNode;
}) {
  const called = person.name || person.email;
  return (
    <span className="flex min-w-0 items-center gap-3">
      <span className="flex max-sm:hidden">
        <Avatar name={called} size={28} />
      </span>
      <span className="min-w-0">
        <span className="flex min-w-0 items-center gap-1.5 text-13 font-medium">
          <span className="truncate" title={called}>
            {called}
          </span>
          {isMe && <span className="shrink-0 font-normal text-muted">(you)</span>}
          {tags}
        </span>
        <span className="block truncate text-12 text-muted" title={person.email}>
          {person.email}
        </span>
      </span>
    </span>
  );
}
