import { useMutation, useQueryClient } from "@tanstack/react-query";
import { register, resetPassword, signIn } from "@/api";
import { sessionKey } from "@/product";

function useEntrance<Input, Output>(mutationFn: (input: Input) => Promise<Output>) {
  const client = useQueryClient();
  return useMutation({ mutationFn, onSuccess: () => client.resetQueries({ queryKey: sessionKey }) });
}

export const useSignIn = () => useEntrance(signIn);
export const useRegister = () => useEntrance(register);
export const useResetPassword = () => useMutation({ mutationFn: resetPassword });
