import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';

import type { ApiError } from '@/shared/api/errors';
import { undoIfLast } from '@/shared/data/undo';
import { formatBytes, formatNumber, formatPercent } from '@/shared/i18n/format';
import { Button, Icon, LinkButton, Notice, ProgressBar, toast, useErrorText } from '@/shared/ui';

import styles from './ImportList.module.css';
import {
  type ImportItem,
  dismissImport,
  importUndone,
  lastDone,
  repeatImport,
  stopImport,
  useImports,
} from './importQueue';
import { ReportView } from './ReportView';
import { type Stage, canStop, isOver } from './stages';
import { TransferError } from './TransferError';
import shared from './transfer.module.css';

/** What the service calls an import in the list of what can be undone. */
const OPERATION = 'Import';

/** The imports of this visit, the newest first. */
export function ImportList() {
  const { t } = useTranslation('transfer');
  const items = useImports();
  const last = lastDone(items);
  const heading = useRef<HTMLHeadingElement>(null);
  // The button that began an import, or dismissed one, is gone by then.
  useEffect(() => {
    if (document.activeElement === document.body) heading.current?.focus();
  }, [items.length]);
  if (items.length === 0) return null;
  return (
    <section className={shared.section} aria-label={t('list.title')}>
      <h2 ref={heading} tabIndex={-1}>
        {t('list.title')}
      </h2>
      <ul className={shared.list}>
        {[...items].reverse().map((item) => (
          <ImportCard key={item.id} item={item} isLast={item === last} />
        ))}
      </ul>
    </section>
  );
}

function ImportCard({ item, isLast }: { item: ImportItem; isLast: boolean }) {
  const { t } = useTranslation('transfer');
  const { stage } = item;
  return (
    <li className={shared.box}>
      <div className={shared.file}>
        <span className={shared.name}>{item.name}</span>
        <span className={shared.muted}>{formatBytes(item.size)}</span>
        {isOver(stage) && (
          <Button kind="quiet" icon="close" iconOnly onClick={() => dismissImport(item.id)}>
            {t('list.dismiss', { name: item.name })}
          </Button>
        )}
      </div>
      <p role="status" className={styles.state}>
        {stage.at === 'done' && <Icon name={stage.undone ? 'undo' : 'check'} />}
        {t(stage.at === 'done' && stage.undone ? 'stage.undone' : `stage.${stage.at}`)}
      </p>
      <StageBody item={item} />
      {stage.at === 'done' && <DoneActions item={item} canUndo={isLast} />}
    </li>
  );
}

function StageBody({ item: { id, stage } }: { item: ImportItem }) {
  const { t } = useTranslation('transfer');
  const again = <Button onClick={() => repeatImport(id)}>{t('list.again')}</Button>;
  switch (stage.at) {
    case 'waiting':
    case 'sending':
    case 'working':
      return <UnderWay id={id} stage={stage} />;
    case 'failed':
      return <TransferError error={stage.error} action={canRepeat(stage.error) && again} />;
    case 'stopped':
      return <Notice action={again}>{t('list.nothingChanged')}</Notice>;
    case 'done':
      return stage.undone ? null : <ReportView report={stage.report} />;
  }
}

/** What is wrong with the file stays wrong. */
function canRepeat({ code }: ApiError): boolean {
  return !['unusable_file', 'too_large', 'invalid_input', 'not_found'].includes(code);
}

type UnderWayStage = Extract<Stage, { at: 'waiting' | 'sending' | 'working' }>;

function UnderWay({ id, stage }: { id: string; stage: UnderWayStage }) {
  const { t } = useTranslation('transfer');
  const text = useProgressText(stage);
  return (
    <>
      {stage.at !== 'waiting' && (
        <ProgressBar
          label={text}
          done={stage.done}
          total={stage.at === 'working' && stage.phase !== 'media' ? 0 : stage.total}
        />
      )}
      <div className={shared.row}>
        {canStop(stage) ? (
          <Button onClick={() => stopImport(id)}>{t('list.stop')}</Button>
        ) : (
          <p className={shared.small}>{t('list.mayLeave')}</p>
        )}
      </div>
    </>
  );
}

function useProgressText(stage: Stage): string {
  const { t } = useTranslation('transfer');
  if (stage.at === 'sending') {
    return t('progress.sending', {
      share: formatPercent(stage.total ? stage.done / stage.total : 0, 0),
      total: formatBytes(stage.total),
    });
  }
  if (stage.at !== 'working') return '';
  if (stage.phase === 'media') {
    return t('progress.media', {
      done: formatNumber(stage.done),
      total: formatNumber(stage.total),
    });
  }
  return t(stage.phase === 'collection' ? 'progress.collection' : 'progress.reading');
}

function DoneActions({ item, canUndo }: { item: ImportItem; canUndo: boolean }) {
  const { t } = useTranslation('transfer');
  const errorText = useErrorText();
  const queryClient = useQueryClient();
  const undo = useMutation({
    mutationFn: () => undoIfLast(OPERATION),
    onSuccess: (undone) => {
      if (!undone) {
        toast(t('undo.tooLate'));
        return;
      }
      importUndone(item.id);
      toast(t('undo.done'));
      void queryClient.invalidateQueries();
    },
    onError: (error) => toast(errorText(error)),
  });
  return (
    <div className={shared.row}>
      <LinkButton kind="primary" icon="decks" to="/">
        {t('list.decks')}
      </LinkButton>
      {canUndo && (
        <Button icon="undo" busy={undo.isPending} onClick={() => undo.mutate()}>
          {t('undo.action')}
        </Button>
      )}
    </div>
  );
}
