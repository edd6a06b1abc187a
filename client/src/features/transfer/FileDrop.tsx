import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { Button, Icon } from '@/shared/ui';

import styles from './FileDrop.module.css';
import { ACCEPTED } from './files';

/** Takes files that are chosen, or dropped anywhere on the page. */
export function FileDrop({ onFiles }: { onFiles: (files: File[]) => void }) {
  const { t } = useTranslation('transfer');
  const input = useRef<HTMLInputElement>(null);
  const isOver = useDroppedFiles(onFiles);
  return (
    <div className={isOver ? styles.over : styles.drop}>
      <span className={styles.icon}>
        <Icon name="upload" />
      </span>
      <p className={styles.title}>{t('drop.title')}</p>
      <p className={styles.text}>{t('drop.text')}</p>
      <Button kind="primary" onClick={() => input.current?.click()}>
        {t('drop.choose')}
      </Button>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        accept={ACCEPTED}
        aria-label={t('drop.choose')}
        onChange={(event) => {
          onFiles([...(event.target.files ?? [])]);
          // The same file can be chosen again.
          event.target.value = '';
        }}
      />
    </div>
  );
}

/** True while files are held over the page. One that is dropped beside is not opened instead. */
function useDroppedFiles(onFiles: (files: File[]) => void): boolean {
  const [isOver, setIsOver] = useState(false);
  const latest = useRef(onFiles);
  useEffect(() => {
    latest.current = onFiles;
  });
  useEffect(() => {
    const stop = new AbortController();
    const listen = (type: 'dragover' | 'dragleave' | 'drop', handle: (event: DragEvent) => void) =>
      window.addEventListener(type, handle, { signal: stop.signal });
    listen('dragover', (event) => {
      if (!event.dataTransfer?.types.includes('Files')) return;
      event.preventDefault();
      setIsOver(true);
    });
    listen('dragleave', (event) => {
      if (!event.relatedTarget) setIsOver(false);
    });
    listen('drop', (event) => {
      const files = [...(event.dataTransfer?.files ?? [])];
      if (files.length === 0) return;
      event.preventDefault();
      setIsOver(false);
      latest.current(files);
    });
    return () => stop.abort();
  }, []);
  return isOver;
}
