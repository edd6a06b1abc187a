import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useParams } from 'react-router';

import { ApiError } from '@/shared/api/errors';
import { useSession } from '@/shared/api/session';
import { LazyCardInfo } from '@/shared/cardInfo/LazyCardInfo';
import { EmptyState, ErrorNotice, LinkButton, Page, Spinner } from '@/shared/ui';

import { Announcement } from './Announcement';
import { AnswerBar } from './AnswerBar';
import { CardArea } from './CardArea';
import { FinishedScreen } from './FinishedScreen';
import { FlagDialog } from './flags';
import { KeysDialog } from './KeysDialog';
import type { StudySession } from './session';
import { StudyHead } from './StudyHead';
import { StudyMenu } from './StudyMenu';
import styles from './StudyPage.module.css';
import { TypeBox } from './TypeBox';
import { type StudyScreenState, useStudyScreen } from './useStudyScreen';

export function Component() {
  const deckId = Number(useParams()['deckId']);
  const username = useSession()?.username;
  if (!Number.isSafeInteger(deckId) || deckId <= 0) return <NoDeck />;
  if (username === undefined) return null;
  return <StudyScreen key={`${username} ${deckId}`} username={username} deckId={deckId} />;
}

function StudyScreen({ username, deckId }: { username: string; deckId: number }) {
  const screen = useStudyScreen(username, deckId);
  const { study, undo } = screen;
  const { session, error, isOffline, isWaiting, refetch } = study;
  if (error instanceof ApiError && error.status === 404) return <NoDeck />;
  if (!session || (isWaiting && error)) {
    return <Pending error={error} onRetry={() => void refetch()} />;
  }
  const finished = session.finished;
  return (
    <div className={styles.screen} data-immersive>
      <title>{`${session.deckName.replaceAll('::', ' › ')} · JAVUMBO`}</title>
      <Head screen={screen} session={session} deckId={deckId} />
      {session.cards.length > 0 ? (
        <Card screen={screen} session={session} />
      ) : isWaiting ? (
        <Spinner />
      ) : (
        <FinishedScreen
          deckId={deckId}
          finished={isOffline ? null : finished}
          studied={session.studied}
          onUndo={undo}
          onUnburied={refetch}
        />
      )}
      <Dialogs screen={screen} />
    </div>
  );
}

interface PartProps {
  screen: StudyScreenState;
  session: StudySession;
}

function Head({ screen, session, deckId }: PartProps & { deckId: number }) {
  const { answering, actions, sounds, undo, edit, setDialog } = screen;
  return (
    <StudyHead
      session={session}
      elapsedMs={answering.elapsedMs}
      hasSounds={sounds.hasSounds}
      onReplay={sounds.replay}
      onUndo={undo}
      menu={
        <StudyMenu
          deckId={deckId}
          card={session.cards[0]}
          actions={actions}
          allowsRemote={screen.allowsRemote}
          onToggleRemote={screen.toggleRemote}
          onEdit={edit}
          onFlag={() => setDialog('flags')}
          onKeys={() => setDialog('keys')}
          onInfo={() => setDialog('info')}
          isAdvancing={screen.isAdvancing}
          onToggleAdvance={screen.toggleAdvance}
        />
      }
    />
  );
}

function Card({ screen, session }: PartProps) {
  const { answering, sounds, frame, onKeyDown } = screen;
  const [card, next] = session.cards;
  const [typed, setTyped] = useState({ token: '', text: '' });
  if (!card) return null;
  const text = typed.token === card.answer_token ? typed.text : '';
  return (
    <>
      <div className={styles.card}>
        <CardArea
          ref={frame}
          card={card}
          next={next}
          side={session.side}
          typed={text.trim()}
          allowRemote={screen.allowsRemote}
          onPlay={sounds.playOne}
          onKeyDown={onKeyDown}
        />
      </div>
      <Announcement card={card} side={session.side} />
      <div className={styles.bottom}>
        {card.typed && session.side === 'question' && (
          <TypeBox
            key={card.answer_token}
            asked={card.typed}
            value={text}
            onChange={(value) => setTyped({ token: card.answer_token, text: value })}
            onDone={answering.show}
          />
        )}
        <AnswerBar
          card={card}
          side={session.side}
          onShow={answering.show}
          onRate={answering.answer}
        />
      </div>
    </>
  );
}

function Dialogs({ screen }: { screen: StudyScreenState }) {
  const { dialog, setDialog, actions, study } = screen;
  const close = () => setDialog(null);
  if (dialog === 'keys') return <KeysDialog onClose={close} />;
  const card = study.session?.cards[0];
  if (dialog === 'info') return card ? <LazyCardInfo cardId={card.id} onClose={close} /> : null;
  if (dialog !== 'flags') return null;
  return (
    <FlagDialog
      flag={card?.flag ?? 0}
      onClose={close}
      onChoose={(flag) => {
        actions.flag(flag);
        close();
      }}
    />
  );
}

function Pending({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  const { t } = useTranslation('study');
  return (
    <Page title={t('title')} back={{ to: '/', label: t('toDecks') }}>
      {error ? <ErrorNotice error={error} onRetry={onRetry} /> : <Spinner />}
    </Page>
  );
}

function NoDeck() {
  const { t } = useTranslation('study');
  return (
    <Page title={t('title')}>
      <EmptyState
        icon="info"
        title={t('noDeck')}
        action={
          <LinkButton kind="primary" to="/">
            {t('toDecks')}
          </LinkButton>
        }
      />
    </Page>
  );
}
