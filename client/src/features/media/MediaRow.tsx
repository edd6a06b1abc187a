import { useTranslation } from 'react-i18next';

import { formatBytes, formatDate } from '@/shared/i18n/format';
import { Icon, Menu, MenuItem } from '@/shared/ui';

import type { MediaFile } from './api';
import styles from './MediaPage.module.css';

interface MediaRowProps {
  file: MediaFile;
  mediaUrl: string;
  onRename: () => void;
  onDelete: () => void;
}

export function MediaRow({ file, mediaUrl, onRename, onDelete }: MediaRowProps) {
  const { t } = useTranslation('media');
  const address = `${import.meta.env.VITE_API_BASE_URL}${mediaUrl}${encodeURIComponent(file.name)}`;
  return (
    <li className={styles.file}>
      <span className={styles.thumbnail}>
        {/* A vector image is only saved by the service, never shown. */}
        {file.type.startsWith('image/') && file.type !== 'image/svg+xml' ? (
          <img src={address} alt="" loading="lazy" width="48" height="48" />
        ) : (
          <Icon name={file.type.startsWith('audio/') ? 'play' : 'picture'} />
        )}
      </span>
      <span className={styles.about}>
        <a className={styles.name} href={address} target="_blank" rel="noreferrer">
          {file.name}
        </a>
        <span className={styles.muted}>
          {formatBytes(file.size)} · {formatDate(file.added_at)}
        </span>
      </span>
      <Menu label={t('actions', { name: file.name })}>
        <MenuItem icon="edit" onSelect={onRename}>
          {t('rename.action')}
        </MenuItem>
        <MenuItem icon="trash" danger onSelect={onDelete}>
          {t('delete.action')}
        </MenuItem>
      </Menu>
    </li>
  );
}
