import { useMutation, useQueryClient } from '@tanstack/react-query';

import { changeAccount } from '@/shared/data/account';

import { accountQuery } from './api';

/** Changes the account; what is shown is what the service made of it. */
export function useAccountChange() {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: changeAccount,
    onSuccess: (account) => queryClient.setQueryData(accountQuery.queryKey, account),
  });
}
