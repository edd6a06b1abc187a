import { type Ref, type TextareaHTMLAttributes, useLayoutEffect, useRef } from 'react';

import { TextArea } from '@/shared/ui';

type FieldAreaProps = TextareaHTMLAttributes<HTMLTextAreaElement> & {
  label: string;
  value: string;
  error?: string | undefined;
  areaRef: (area: HTMLTextAreaElement | null) => void;
};

/** A text area that grows with what is in it. */
export function FieldArea({ areaRef, ...rest }: FieldAreaProps) {
  const own = useRef<HTMLTextAreaElement | null>(null);
  const both: Ref<HTMLTextAreaElement> = (area) => {
    own.current = area;
    areaRef(area);
  };
  useLayoutEffect(() => {
    const area = own.current;
    if (!area) return;
    area.style.blockSize = 'auto';
    const border = area.offsetHeight - area.clientHeight;
    area.style.blockSize = `${area.scrollHeight + border}px`;
  }, [rest.value]);
  return <TextArea {...rest} ref={both} rows={2} />;
}
