import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useDeferredValue, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { formatBytes, formatNumber } from '@/shared/i18n/format';
import { Button, EmptyState, ErrorNotice, LinkButton, Page, Spinner, TextField } from '@/shared/ui';

import { type MediaFile, type MediaList, mediaQuery } from './api';
import { CheckSection } from './CheckSection';
import { DeleteDialog } from './DeleteDialog';
import { MediaRow } from './MediaRow';
import styles from './MediaPage.module.css';
import { RenameDialog } from './RenameDialog';

type Asking = { what: 'rename' | 'delete'; file: MediaFile } | null;

/** The pictures and sounds of the notes: what there is, how large, and what is missing. */
export function Component() {
  const { t } = useTranslation('media');
  const [search, setSearch] = useState('');
  const [page, setPage] = useState(1);
  const [asking, setAsking] = useState<Asking>(null);
  const wanted = useDeferredValue(search.trim());
  const { data, error, refetch } = useQuery({
    ...mediaQuery(wanted, page),
    placeholderData: keepPreviousData,
  });
  const close = () => setAsking(null);
  return (
    <Page title={t('title')}>
      {data && <Usage {...data.usage} />}
      <TextField
        label={t('search')}
        type="search"
        value={search}
        onChange={(event) => {
          setSearch(event.target.value);
          setPage(1);
        }}
      />
      {!data && !error && <Spinner />}
      {error && <ErrorNotice error={error} onRetry={() => void refetch()} />}
      {data && (
        <Files
          list={data}
          isSearch={wanted !== ''}
          onAsk={(what, file) => setAsking({ what, file })}
          onPage={setPage}
        />
      )}
      {data && data.usage.files > 0 && <CheckSection />}
      {asking?.what === 'rename' && <RenameDialog file={asking.file} onClose={close} />}
      {asking?.what === 'delete' && <DeleteDialog names={[asking.file.name]} onClose={close} />}
    </Page>
  );
}

function Usage({ files, bytes, quota_bytes }: MediaList['usage']) {
  const { t } = useTranslation('media');
  const label = t('usage', {
    count: files,
    files: formatNumber(files),
    used: formatBytes(bytes),
    quota: formatBytes(quota_bytes),
  });
  return (
    <div className={styles.usage}>
      <meter aria-label={label} min={0} max={quota_bytes} high={quota_bytes * 0.9} value={bytes} />
      <span className={styles.muted}>{label}</span>
    </div>
  );
}

interface FilesProps {
  list: MediaList;
  isSearch: boolean;
  onAsk: (what: 'rename' | 'delete', file: MediaFile) => void;
  onPage: (page: number) => void;
}

function Files({ list, isSearch, onAsk, onPage }: FilesProps) {
  const { t } = useTranslation('media');
  if (list.media.length === 0 && isSearch) return <p role="status">{t('noneFound')}</p>;
  if (list.media.length === 0) {
    const toImport = <LinkButton to="/import">{t('empty.action')}</LinkButton>;
    return (
      <EmptyState icon="picture" title={t('empty.title')} action={toImport}>
        <p>{t('empty.text')}</p>
      </EmptyState>
    );
  }
  return (
    <>
      <ul className={styles.list}>
        {list.media.map((file) => (
          <MediaRow
            key={file.name}
            file={file}
            mediaUrl={list.media_url}
            onRename={() => onAsk('rename', file)}
            onDelete={() => onAsk('delete', file)}
          />
        ))}
      </ul>
      <Pages {...list.pagination} onPage={onPage} />
    </>
  );
}

function Pages({
  page,
  total_pages: pages,
  onPage,
}: MediaList['pagination'] & { onPage: (page: number) => void }) {
  const { t } = useTranslation('media');
  if (pages <= 1) return null;
  return (
    <nav className={styles.pages} aria-label={t('pages')}>
      <Button disabled={page <= 1} onClick={() => onPage(page - 1)}>
        {t('previous')}
      </Button>
      <span aria-live="polite">
        {t('pageOf', { page: formatNumber(page), pages: formatNumber(pages) })}
      </span>
      <Button disabled={page >= pages} onClick={() => onPage(page + 1)}>
        {t('next')}
      </Button>
    </nav>
  );
}
