import { Skeleton } from "@/ui";

/** The outlines of the editor while its graph loads. */
export function EditorSkeleton() {
  return (
    <div role="status" aria-label="Opening the workflow" className="flex h-full flex-col">
      <div className="flex h-12 items-center gap-4 border-b border-line bg-surface px-4">
        <Skeleton className="h-4 w-40" />
        <Skeleton className="h-4 w-16" />
        <span className="flex-1" />
        <Skeleton className="h-7 w-44" />
        <Skeleton className="h-7 w-20" />
      </div>
      <div className="flex min-h-0 flex-1">
        <div className="flex w-12 flex-col gap-3 overflow-hidden border-r border-line bg-surface p-4 max-sm:hidden min-[1440px]:w-54">
          {["w-24", "w-32", "w-28", "w-20", "w-32", "w-24"].map((width, index) => (
            <Skeleton key={index} className={`h-4 max-w-full ${width}`} />
          ))}
        </div>
        <div className="relative flex-1">
          <Skeleton className="absolute top-1/3 left-1/4 h-16 w-55" />
          <Skeleton className="absolute top-1/3 left-1/2 h-16 w-55" />
        </div>
      </div>
    </div>
  );
}
