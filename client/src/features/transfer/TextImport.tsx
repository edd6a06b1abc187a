import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { formatBytes } from '@/shared/i18n/format';
import { Button, Spinner } from '@/shared/ui';

import { type TextPreview, previewQuery } from './api';
import { withChosen } from './columns';
import type { ChosenFile } from './ImportPage';
import { PreviewTable } from './PreviewTable';
import { TextOptionsForm } from './TextOptionsForm';
import { TransferError } from './TransferError';
import styles from './transfer.module.css';
import type { TextOptions } from './wanted';

interface TextImportProps {
  chosen: ChosenFile;
  onRemove: () => void;
  onImport: (options: TextOptions) => void;
}

/** A text file before it is imported: what is understood of it, to be looked at and put right. */
export function TextImport({ chosen, onRemove, onImport }: TextImportProps) {
  const { t } = useTranslation('transfer');
  const [options, setOptions] = useState(chosen.options);
  const { preview, error, isFresh } = usePreview(chosen, options);
  return (
    <section className={styles.box} aria-label={chosen.file.name}>
      <div className={styles.file}>
        <h2 className={styles.name}>{chosen.file.name}</h2>
        <span className={styles.muted}>{formatBytes(chosen.file.size)}</span>
        <Button kind="quiet" icon="close" iconOnly onClick={onRemove}>
          {t('import.remove', { name: chosen.file.name })}
        </Button>
      </div>
      {!preview && !error && <Spinner />}
      {preview && (
        <>
          <PreviewTable preview={preview} isFresh={isFresh} />
          <TextOptionsForm
            preview={withChosen(preview, options)}
            options={options}
            onChange={setOptions}
          />
        </>
      )}
      {error && <TransferError error={error} />}
      <div className={styles.row}>
        <Button
          kind="primary"
          icon="upload"
          disabled={!isFresh}
          onClick={() => onImport(understood(preview, options))}
        >
          {t('import.start', { count: 1 })}
        </Button>
      </div>
    </section>
  );
}

/** The last preview that there was: what was chosen last may not fit the file. */
function usePreview({ id, file }: ChosenFile, options: TextOptions) {
  const query = useQuery({
    ...previewQuery(id, file, options),
    placeholderData: keepPreviousData,
    staleTime: Infinity,
    retry: false,
  });
  const [last, setLast] = useState<TextPreview>();
  if (query.data && query.data !== last) setLast(query.data);
  const isFresh = query.isSuccess && !query.isPlaceholderData;
  return { preview: query.data ?? last, error: query.error, isFresh };
}

/** What is imported is what was shown, whatever the collection's own settings are by then. */
function understood(preview: TextPreview | undefined, options: TextOptions): TextOptions {
  if (!preview) return options;
  return { ...options, delimiter: preview.delimiter, is_html: preview.is_html };
}
