import { useId } from 'react';
import { useTranslation } from 'react-i18next';

import { Button } from '@/shared/ui';

import styles from './editor.module.css';

export type Format = 'bold' | 'italic' | 'underline' | 'cloze';

const TAGS = { bold: 'b', italic: 'i', underline: 'u' } as const;

interface ToolbarProps {
  hasCloze: boolean;
  isUploading: boolean;
  onFormat: (format: Format) => void;
  onFiles: (files: File[]) => void;
}

/** Acts on the selection of the field that had the focus last. */
export function Toolbar({ hasCloze, isUploading, onFormat, onFiles }: ToolbarProps) {
  const { t } = useTranslation('editor');
  const fileId = useId();
  return (
    <div role="group" aria-label={t('toolbar')} className={styles.toolbar}>
      {(['bold', 'italic', 'underline'] as const).map((format) => {
        const Tag = TAGS[format];
        return (
          <Button
            key={format}
            kind="quiet"
            aria-label={t(format)}
            title={t(`keys.${format}`)}
            onClick={() => onFormat(format)}
          >
            <Tag>{t(`letter.${format}`)}</Tag>
          </Button>
        );
      })}
      {hasCloze && (
        <Button kind="quiet" title={t('keys.cloze')} onClick={() => onFormat('cloze')}>
          {t('cloze')}
        </Button>
      )}
      <Button
        kind="quiet"
        icon="upload"
        busy={isUploading}
        onClick={() => document.getElementById(fileId)?.click()}
      >
        {t('media')}
      </Button>
      <input
        id={fileId}
        type="file"
        accept="image/*,audio/*,video/*"
        multiple
        hidden
        aria-label={t('media')}
        onChange={(event) => {
          onFiles([...(event.target.files ?? [])]);
          event.target.value = '';
        }}
      />
    </div>
  );
}
