export function Mark({ size = 24 }: { size?: number }) {
  return (
    <svg viewBox="0 0 32 32" width={size} height={size} aria-hidden className="shrink-0">
      <rect width="32" height="32" rx="8" fill="var(--accent)" />
      <g fill="none" stroke="var(--on-accent)" strokeWidth="2.2" strokeLinecap="round" strokeLinejoin="round">
        <circle cx="9" cy="16" r="3.2" />
        <circle cx="23" cy="9" r="3.2" />
        <circle cx="23" cy="23" r="3.2" />
        <path d="M12 14.6 20 10.400M12 17.400l8 4.200" />
      </g>
    </svg>
  );
}
