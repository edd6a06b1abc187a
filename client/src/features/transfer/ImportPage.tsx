import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';

import { Notice, Page, toast } from '@/shared/ui';

import { firstOptions } from './columns';
import { FileDrop } from './FileDrop';
import { type FileFormat, formatOf, isText } from './files';
import { ImportList } from './ImportList';
import { addImport, onImportSettled, resumeImports } from './importQueue';
import { PackageImport } from './PackageImport';
import { TextImport } from './TextImport';
import styles from './transfer.module.css';
import type { TextOptions } from './wanted';

export interface ChosenFile {
  id: string;
  file: File;
  format: FileFormat;
  /** What to begin with, for a text file. */
  options: TextOptions;
}

/** The first line tells how a spreadsheet's file is written. */
const FIRST_BYTES = 8192;

/** Bring in packages and text files: choose, look at what is about to happen, follow it. */
export function Component() {
  const { t } = useTranslation('transfer');
  const [chosen, setChosen] = useState<readonly ChosenFile[]>([]);
  const [refused, setRefused] = useState<readonly string[]>([]);
  useSettledImports();
  const without = (files: readonly ChosenFile[]) =>
    setChosen((now) => now.filter((one) => !files.includes(one)));
  const choose = async (files: File[]) => {
    const known = await Promise.all(files.map(asChosen));
    setChosen((now) => [...now, ...known.flat()]);
    setRefused(files.filter(({ name }) => !formatOf(name)).map(({ name }) => name));
  };
  const packages = chosen.filter(({ format }) => !isText(format));
  const text = chosen.find(({ format }) => isText(format));
  return (
    <Page title={t('import.title')}>
      <FileDrop onFiles={(files) => void choose(files)} />
      <p role="status" className="visually-hidden">
        {chosen.length > 0 &&
          `${t('import.chosen')}: ${chosen.map(({ file }) => file.name).join(', ')}`}
      </p>
      {refused.length > 0 && (
        <Notice kind="warning" title={t('import.refused', { count: refused.length })}>
          <p>{refused.join(', ')}</p>
        </Notice>
      )}
      {packages.length > 0 && (
        <PackageImport
          files={packages}
          onRemove={(file) => without([file])}
          onImport={(wanted) => {
            for (const { file, format } of packages) addImport(file, { ...wanted, format });
            without(packages);
          }}
        />
      )}
      {text && (
        <TextImport
          key={text.id}
          chosen={text}
          onRemove={() => without([text])}
          onImport={(wanted) => {
            addImport(text.file, { ...wanted, format: text.format });
            without([text]);
          }}
        />
      )}
      <ImportList />
      <p className={styles.small}>{t('import.safety')}</p>
    </Page>
  );
}

async function asChosen(file: File): Promise<ChosenFile[]> {
  const format = formatOf(file.name);
  if (!format) return [];
  const head = isText(format) ? await file.slice(0, FIRST_BYTES).text() : '';
  return [{ id: crypto.randomUUID(), file, format, options: firstOptions(format, head) }];
}

/** What an import has changed is fetched anew; who is elsewhere by then is told. */
function useSettledImports(): void {
  const { t } = useTranslation('transfer');
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  const isHere = useRef(false);
  useEffect(() => {
    isHere.current = true;
    resumeImports();
    onImportSettled(({ name, stage }) => {
      void queryClient.invalidateQueries();
      if (isHere.current) return;
      toast(t(stage.at === 'done' ? 'import.doneElsewhere' : 'import.failedElsewhere', { name }), {
        label: t('import.show'),
        onSelect: () => void navigate('/import'),
      });
    });
    return () => {
      isHere.current = false;
    };
  }, [queryClient, navigate, t]);
}
