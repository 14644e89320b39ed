import { QueryClient } from "@tanstack/react-query";
import { ApiProblem } from "@/api";

/** The API client retries GETs itself, so a query does not retry what the server has answered. */
export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      // Whether a browser believes to be online says nothing of a server that may be on this very machine.
      networkMode: "always",
      staleTime: 5_000,
      gcTime: 5 * 60_000,
      retry: (failures, error) => failures < 1 && error instanceof ApiProblem && error.status === 0,
      refetchOnWindowFocus: true,
    },
    mutations: { retry: false, networkMode: "always" },
  },
});
