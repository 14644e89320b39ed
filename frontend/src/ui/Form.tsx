import type { FormEvent, KeyboardEvent, ReactNode } from "react";

/**
 * A form that is sent with its submit button or Ctrl/Cmd+Enter from any of its fields. Neither does anything while the
 * submit button is disabled.
 */
export function Form({
  onSubmit,
  className,
  children,
}: {
  onSubmit: () => void;
  className?: string;
  children: ReactNode;
}) {
  const send = (event: FormEvent<HTMLFormElement> | KeyboardEvent<HTMLFormElement>) => {
    event.preventDefault();
    event.stopPropagation();
    if (!event.currentTarget.querySelector("button[type=submit]:disabled")) onSubmit();
  };
  return (
    // Ctrl/Cmd+Enter sends the form from any of its fields.
    <form
      className={className}
      noValidate
      onSubmit={send}
      // Before a field takes the key: an editor of text would write a line.
      onKeyDownCapture={(event) => {
        if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) send(event);
      }}
    >
      {children}
    </form>
  );
}
