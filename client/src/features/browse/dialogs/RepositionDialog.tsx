import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { Checkbox, TextField } from '@/shared/ui';

import type { DialogProps } from './ActionDialog';
import { ActionForm } from './ActionForm';
import styles from './dialogs.module.css';

/** The order in which new cards come. */
export function RepositionDialog({ count, onAct, ...rest }: DialogProps) {
  const { t } = useTranslation('browse');
  const [start, setStart] = useState('0');
  const [step, setStep] = useState('1');
  const [randomize, setRandomize] = useState(false);
  const [shiftExisting, setShiftExisting] = useState(false);
  return (
    <ActionForm
      {...rest}
      title={t('reposition.title', { count })}
      submit={t('reposition.submit')}
      disabled={!isNatural(start) || !isNatural(step)}
      onSubmit={() =>
        onAct({
          action: 'reposition',
          starting_from: Number(start),
          step: Number(step),
          randomize,
          shift_existing: shiftExisting,
        })
      }
    >
      <p>{t('reposition.text')}</p>
      <div className={styles.numbers}>
        <TextField
          label={t('reposition.start')}
          inputMode="numeric"
          value={start}
          onChange={(event) => setStart(event.target.value)}
        />
        <TextField
          label={t('reposition.step')}
          inputMode="numeric"
          value={step}
          onChange={(event) => setStep(event.target.value)}
        />
      </div>
      <div>
        <Checkbox checked={randomize} onChange={setRandomize}>
          {t('reposition.randomize')}
        </Checkbox>
        <Checkbox checked={shiftExisting} onChange={setShiftExisting}>
          {t('reposition.shiftExisting')}
        </Checkbox>
      </div>
    </ActionForm>
  );
}

function isNatural(text: string): boolean {
  return /^\d{1,9}$/.test(text.trim());
}
