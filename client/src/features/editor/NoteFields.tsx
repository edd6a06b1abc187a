import {
  type ClipboardEvent,
  type KeyboardEvent,
  type Ref,
  useImperativeHandle,
  useLayoutEffect,
  useRef,
} from 'react';
import { useTranslation } from 'react-i18next';

import type { Notetype } from '@/shared/data/notetypes';

import { editArea } from './editArea';
import { FieldArea } from './FieldArea';
import { type Format, Toolbar } from './Toolbar';
import { type TextEdit, clozeNumber, insertion, wrap } from './textEdits';
import { useMediaUpload } from './useMediaUpload';

export interface NoteFieldsHandle {
  focusFirst: () => void;
}

interface NoteFieldsProps {
  notetype: Pick<Notetype, 'fields' | 'kind'>;
  /** The text of each field, in their order. */
  values: readonly string[];
  errors: Readonly<Record<string, string>>;
  onChange: (values: string[]) => void;
  ref?: Ref<NoteFieldsHandle>;
}

const MARKS = { bold: 'b', italic: 'i', underline: 'u' } as const;
const KEYS: Record<string, Format> = { b: 'bold', i: 'italic', u: 'underline' };

/** A text area for each field, and what formats the selection in them. */
export function NoteFields({ notetype, values, errors, onChange, ref }: NoteFieldsProps) {
  const { t } = useTranslation('editor');
  const areas = useRef<(HTMLTextAreaElement | null)[]>([]);
  const lastFocused = useRef(0);
  const latest = useRef(values);
  const set = (at: number, value: string) => {
    const next = notetype.fields.map((_, index) => latest.current[index] ?? '');
    next[at] = value;
    latest.current = next;
    onChange(next);
  };
  useLayoutEffect(() => {
    latest.current = values;
  });
  const edit = (at: number, editOf: (area: HTMLTextAreaElement) => TextEdit) => {
    const area = areas.current[at];
    if (area) editArea(area, editOf(area), (value) => set(at, value));
  };
  const format = (kind: Format, at: number, number: 'next' | 'same' = 'next') =>
    edit(at, ({ value, selectionStart, selectionEnd }) => {
      const [before, after] = marksOf(kind, latest.current, number);
      return wrap(value, selectionStart, selectionEnd, before, after);
    });
  const media = useMediaUpload((markup, at) =>
    edit(at, (area) => insertion(area.selectionStart, area.selectionEnd, markup)),
  );
  useImperativeHandle(ref, () => ({ focusFirst: () => areas.current[0]?.focus() }));

  const onKeyDown = (event: KeyboardEvent, at: number) => {
    if (!(event.ctrlKey || event.metaKey)) return;
    const key = event.key.toLowerCase();
    const kind = event.shiftKey ? (key === 'c' ? 'cloze' : undefined) : KEYS[key];
    if (!kind || (kind === 'cloze' && notetype.kind !== 'cloze')) return;
    event.preventDefault();
    format(kind, at, event.altKey ? 'same' : 'next');
  };
  const onPaste = (event: ClipboardEvent, at: number) => {
    const files = [...event.clipboardData.files];
    if (files.length === 0 || event.clipboardData.getData('text/plain')) return;
    event.preventDefault();
    media.upload(files, at);
  };
  return (
    <>
      <Toolbar
        hasCloze={notetype.kind === 'cloze'}
        isUploading={media.isUploading}
        onFormat={(kind) => format(kind, lastFocused.current)}
        onFiles={(files) => media.upload(files, lastFocused.current)}
      />
      {notetype.fields.map((field, at) => (
        <FieldArea
          key={field.name}
          label={field.name}
          dir={field.rtl ? 'rtl' : 'auto'}
          placeholder={field.description}
          aria-required={at === 0}
          aria-keyshortcuts="Control+Enter"
          value={values[at] ?? ''}
          error={errors[field.name]}
          areaRef={(area) => {
            areas.current[at] = area;
          }}
          onFocus={() => {
            lastFocused.current = at;
          }}
          onChange={(event) => set(at, event.target.value)}
          onKeyDown={(event) => onKeyDown(event, at)}
          onPaste={(event) => onPaste(event, at)}
        />
      ))}
      <p className="visually-hidden" role="status">
        {media.isUploading ? t('uploading') : ''}
      </p>
    </>
  );
}

function marksOf(kind: Format, values: readonly string[], number: 'next' | 'same') {
  if (kind === 'cloze') return [`{{c${clozeNumber(values, number)}::`, '}}'] as const;
  return [`<${MARKS[kind]}>`, `</${MARKS[kind]}>`] as const;
}
