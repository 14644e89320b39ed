import type { Licences } from "@/contract";
import { api } from "./client";

/** Third-party software in the page, on the server and beside it. */
export const fetchLicences = (signal?: AbortSignal) => api.get<Licences>("licences", undefined, signal);
