import { X } from "lucide-react";
import type { ReactNode } from "react";
import { create } from "zustand";
import { cx } from "./cx";
import { TONE_TEXT, type Tone } from "./tones";

/** For things that happened elsewhere; the result of a click is shown where the person clicked. */
export interface ToastMessage {
  title: ReactNode;
  detail?: ReactNode;
  tone?: Tone;
  action?: { label: string; onClick: () => void };
  /** A toast with the same key is replaced. */
  key?: string;
}
interface ToastState {
  toasts: (ToastMessage & { id: number })[];
  show: (message: ToastMessage) => void;
  dismiss: (id: number) => void;
}

/** What offers something stays long enough to be read, thought about and reached by keyboard. */
const shownMs = ({ action, tone }: ToastMessage): number => (action ? 20_000 : tone === "bad" ? 12_000 : 6_000);

let lastId = 0;
const useToasts = create<ToastState>((set, get) => ({
  toasts: [],
  show: (message) => {
    const id = ++lastId;
    set(({ toasts }) => ({
      toasts: [...toasts.filter((each) => !message.key || each.key !== message.key), { ...message, id }].slice(-4),
    }));
    window.setTimeout(() => get().dismiss(id), shownMs(message));
  },
  dismiss: (id) => set(({ toasts }) => ({ toasts: toasts.filter((each) => each.id !== id) })),
}));

export const toast = (message: ToastMessage): void => useToasts.getState().show(message);

export function Toaster() {
  const toasts = useToasts((state) => state.toasts);
  const dismiss = useToasts((state) => state.dismiss);
  return (
    <div
      role="region"
      aria-label="Notices"
      className="pointer-events-none fixed right-4 bottom-4 z-70 flex w-90 max-[600px]:bottom-17 max-w-[calc(100vw-32px)] flex-col gap-2"
    >
      <div role="status" aria-live="polite" className="contents">
        {toasts.map((each) => (
          <div
            key={each.id}
            className="animate-slide pointer-events-auto flex items-start gap-2.5 rounded-card border border-line bg-raised py-2.5 pr-2 pl-3.5 shadow-3"
          >
            <span
              className={cx("mt-1.5 size-2 shrink-0 rounded-full bg-current", TONE_TEXT[each.tone ?? "idle"])}
              aria-hidden
            />
            <div className="min-w-0 flex-1">
              <p className="text-13 font-medium break-words">{each.title}</p>
              {each.detail && <p className="text-12 break-words text-muted">{each.detail}</p>}
              {each.action && (
                <button
                  type="button"
                  className="mt-1 text-12 font-medium text-accent-text hover:underline"
                  onClick={() => {
                    each.action?.onClick();
                    dismiss(each.id);
                  }}
                >
                  {each.action.label}
                </button>
              )}
            </div>
            <button
              type="button"
              aria-label="Dismiss"
              className="flex size-6 shrink-0 items-center justify-center rounded text-muted hover:text-text"
              onClick={() => dismiss(each.id)}
            >
              <X size={14} aria-hidden />
            </button>
          </div>
        ))}
      </div>
    </div>
  );
}
