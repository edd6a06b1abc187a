import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { Button, LinkButton, Notice } from '@/shared/ui';

import styles from './DecksPage.module.css';

const KEY = 'javumbo.knowsDecks';

interface FirstStepsProps {
  onNew: () => void;
}

/** For somebody who begins: what a deck is, and where to get one. Goes away for good when asked to. */
export function FirstSteps({ onNew }: FirstStepsProps) {
  const { t } = useTranslation('decks');
  const [isKnown, setKnown] = useState(() => localStorage.getItem(KEY) !== null);
  if (isKnown) return null;
  const close = () => {
    localStorage.setItem(KEY, '1');
    setKnown(true);
  };
  return (
    <Notice title={t('first.title')}>
      <div className={styles.first}>
        <p>{t('first.deck')}</p>
        <p>{t('first.study')}</p>
      </div>
      <div className={styles.steps}>
        <Button icon="add" onClick={onNew}>
          {t('new')}
        </Button>
        <LinkButton icon="upload" to="/import">
          {t('first.import')}
        </LinkButton>
        <Button kind="quiet" onClick={close}>
          {t('first.close')}
        </Button>
      </div>
    </Notice>
  );
}
