import type { ReactNode } from "react";

/** The frame of the pages before the sign-in. */
export function AuthFrame({
  title,
  lead,
  children,
  foot,
}: {
  title: string;
  lead?: ReactNode;
  children: ReactNode;
  foot?: ReactNode;
}) {
  return (
    <main className="flex min-h-full flex-col items-center justify-center overflow-auto px-4 py-10">
      <div className="w-full max-w-90">
        <div className="mb-6 flex items-center gap-2.5">
          <svg viewBox="0 0 32 32" width={28} height={28} aria-hidden>
            <rect width="32" height="32" rx="8" fill="var(--accent)" />
            <g fill="none" stroke="var(--on-accent)" strokeWidth="2.2" strokeLinecap="round" strokeLinejoin="round">
              <circle cx="9" cy="16" r="3.2" />
              <circle cx="23" cy="9" r="3.2" />
              <circle cx="23" cy="23" r="3.2" />
              <path d="M12 14.6 20 10.4M12 17.4l8 4.2" />
            </g>
          </svg>
          <span className="text-16 font-semibold tracking-tight">KubeOrch</span>
        </div>
        <div className="rounded-card border border-line bg-surface p-6 shadow-1">
          <h1 className="text-20 font-semibold tracking-tight">{title}</h1>
          {lead && <p className="mt-1 text-13 text-muted">{lead}</p>}
          <div className="mt-5">{children}</div>
        </div>
        {foot && <p className="mt-4 text-center text-13 text-muted">{foot}</p>}
      </div>
    </main>
  );
}
