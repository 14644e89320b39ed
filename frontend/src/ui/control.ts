/** Classes shared by all controls that take a value. */

/** Full width unless the caller names a width. */
export const wide = (className?: string) => (/(^|\s)w-/.test(className ?? "") ? "" : "w-full");
export const READ_ONLY = "read-only:bg-sunken";
export const CONTROL =
  "min-w-0 rounded border border-field bg-surface text-13 text-text transition-colors duration-100 " +
  "hover:border-muted focus-visible:border-accent focus-visible:outline-2 focus-visible:outline-offset-0 focus-visible:outline-accent/40 " +
  "aria-invalid:border-bad disabled:bg-sunken disabled:text-muted [&:is(input,textarea):read-only]:bg-sunken";
