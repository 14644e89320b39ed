import workerUrl from "elkjs/lib/elk-worker.min.js?url";

/** A card, or a frame with cards in it, whose size follows from them. */
export interface LayoutChild {
  readonly id: string;
  readonly width?: number;
  readonly height?: number;
  readonly layoutOptions?: Readonly<Record<string, string>>;
  readonly children?: readonly LayoutChild[];
}
export interface PlacedChild extends PlacedGraph {
  readonly id: string;
  readonly x?: number;
  readonly y?: number;
}
export interface LayoutGraph {
  readonly id: string;
  readonly layoutOptions: Readonly<Record<string, string>>;
  readonly children: readonly LayoutChild[];
  readonly edges: readonly { readonly id: string; readonly sources: string[]; readonly targets: string[] }[];
}
export interface PlacedGraph {
  readonly children?: readonly PlacedChild[];
}
interface Answer {
  readonly id: number;
  readonly data?: PlacedGraph;
  readonly error?: { readonly message?: string };
}

const REGISTER = 0;
const LAYOUT = 1;

/**
 * Lays the graph out in a worker of its own. Speaks the worker's messages directly: elkjs is EPL-2.0 and stays a file
 * of its own, served unmodified (the build checks that), so its client is not bundled with our code.
 */
export function layoutInWorker(graph: LayoutGraph): Promise<PlacedGraph> {
  const worker = new Worker(workerUrl);
  return new Promise<PlacedGraph>((resolve, reject) => {
    worker.onmessage = ({ data: answer }: MessageEvent<Answer>) => {
      if (answer.error) reject(new Error(answer.error.message ?? "the layout failed"));
      else if (answer.id === LAYOUT) resolve(answer.data ?? {});
    };
    worker.onerror = (event) => reject(new Error(event.message));
    worker.postMessage({ id: REGISTER, cmd: "register", algorithms: ["layered"] });
    worker.postMessage({ id: LAYOUT, cmd: "layout", graph, layoutOptions: {}, options: {} });
  }).finally(() => worker.terminate());
}
