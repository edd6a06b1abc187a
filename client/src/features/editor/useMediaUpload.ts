import { useMutation } from '@tanstack/react-query';

import { newIdempotencyKey } from '@/shared/api/http';
import { toast, useErrorText } from '@/shared/ui';

import { addMedia } from './api';
import { mediaMarkup } from './fieldText';

interface Upload {
  files: File[];
  /** The field that names them. */
  at: number;
  key: string;
}

/** Keeps files, and gives what a field says to show or play them. */
export function useMediaUpload(onAdded: (markup: string, at: number) => void) {
  const errorText = useErrorText();
  const { mutate, isPending } = useMutation({
    mutationFn: async ({ files, at, key }: Upload) => {
      for (const [number, file] of files.entries()) {
        const name = await addMedia(named(file), `${key}-${number}`);
        onAdded(mediaMarkup(name, file.type), at);
      }
    },
    onError: (error) => toast(errorText(error)),
  });
  return {
    isUploading: isPending,
    upload: (files: File[], at: number) => {
      if (files.length > 0) mutate({ files, at, key: newIdempotencyKey() });
    },
  };
}

/** What is pasted is called image.png by every browser. */
function named(file: File): File {
  if (!/^image\.\w+$/.test(file.name)) return file;
  const name = file.name.replace('image', `paste-${Date.now()}`);
  return new File([file], name, { type: file.type });
}
