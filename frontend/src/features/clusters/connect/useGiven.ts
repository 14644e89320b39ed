import { useState } from "react";
import type { GivenCredentials } from "@/api";
import { useKubeconfig, type KubeconfigDraft } from "../KubeconfigFields";
import { FIELDS, type FormField, type Instead, type Way } from "./ways";

export type FormValues = Partial<Record<FormField, string>>;

/** Credentials as they are typed, in whatever way; what was typed in one way stays while another one is looked at. */
export interface GivenDraft {
  readonly way: Way;
  readonly kubeconfig: KubeconfigDraft;
  readonly values: FormValues;
  readonly insecure: boolean;
  /** As the API takes it; undefined while something that is needed is not there. */
  readonly given: GivenCredentials | undefined;
  readonly setWay: (way: Way) => void;
  readonly changeKubeconfig: (changes: Partial<KubeconfigDraft>) => void;
  readonly setValue: (name: FormField, value: string) => void;
  readonly setInsecure: (insecure: boolean) => void;
  /** Go on in the way that works, with what the kubeconfig already said. */
  readonly goOn: (instead: Instead) => void;
}

export function useGiven(): GivenDraft {
  const [way, setWay] = useState<Way>("kubeconfig");
  const [kubeconfig, changeKubeconfig] = useKubeconfig();
  const [values, setValues] = useState<FormValues>({});
  const [insecure, setInsecure] = useState(false);
  const setValue = (name: FormField, value: string) => setValues((before) => ({ ...before, [name]: value }));
  return {
    way,
    kubeconfig,
    values,
    insecure,
    given: way === "kubeconfig" ? kubeconfig.credentials : formGiven(way, values, insecure),
    setWay,
    changeKubeconfig,
    setValue,
    setInsecure,
    goOn: ({ way: next, server, ca, issuer, client_id }) => {
      setWay(next);
      setValues((before) => ({ ...before, server, ca, issuer, client_id }));
    },
  };
}

function formGiven(way: Exclude<Way, "kubeconfig">, values: FormValues, insecure: boolean) {
  const fields = FIELDS[way];
  if (fields.some(({ name, required }) => required && !values[name]?.trim())) return undefined;
  const filled = fields.flatMap(({ name }) => (values[name]?.trim() ? [[name, values[name].trim()] as const] : []));
  return { credentials: { way, ...Object.fromEntries(filled), ...(insecure ? { insecure } : {}) } };
}
