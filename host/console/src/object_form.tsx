// What all forms of something that a team keeps have in common: a draft, sending what was changed and nothing else, and
// what to do where somebody else was faster or the daemon refuses.
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { ask, reason, Refusal } from './api';
import { differences, isSame, merge, patchOf, valueAt, type Difference } from './changes';
import { useDraft, type Draft } from './draft';
import { t } from './text';
import { MASK, type FieldError, type Json, type JsonObject } from './types';
import { BusyButton, Notice } from './ui';

interface Version { base: JsonObject; etag: string | null; value: JsonObject }
interface Conflict { theirs: JsonObject; etag: string | null; rows: Difference[] }

export interface ObjectForm<T> {
  draft: Draft<T>;
  isDirty: boolean;
  busy: boolean;
  fault: string | undefined;
  faults: FieldError[];
  faultAt: (pointer: string) => string | undefined; // there or below
  conflict: Conflict | undefined;
  save: () => Promise<T | undefined>; // undefined: it is not stored, and the form says why
  keepMine: () => Promise<T | undefined>;
  takeTheirs: () => void;
  clear: () => void; // what was said about the last try
}

interface Options<T> {
  name: string; // of the draft
  path: string; // of the list, where it is new
  isNew: boolean;
  first: T;
  etag: string | null;
  read: (body: JsonObject) => T; // of an answer, what the form has
  keep?: (value: T, base: T) => T; // in a draft
}

export function useObjectForm<T extends object>({ name, path, isNew, first, etag, read, keep }: Options<T>): ObjectForm<T> {
  const draft = useDraft(name, first, etag, keep);
  const [fault, setFault] = useState<string>();
  const [faults, setFaults] = useState<FieldError[]>([]);
  const [conflict, setConflict] = useState<Conflict>();
  const [busy, setBusy] = useState(false);
  const clear = () => {
    setFault(undefined);
    setFaults([]);
    setConflict(undefined);
  };
  const give = async (version: Version, isAgain = false): Promise<T | undefined> => {
    try {
      const answer = isNew ? await ask<JsonObject>('POST', path, version.value) : await ask<JsonObject>('PATCH', path, patchOf(version.base, version.value), version.etag);
      const stored = read(answer.body);
      draft.adopt(stored, answer.etag);
      return stored;
    } catch (failed) {
      if (failed instanceof Refusal && failed.status === 412 && !isAgain) return meet(version);
      throw failed;
    }
  };
  // It has changed since. What the form does not show is nobody's conflict.
  const meet = async (version: Version): Promise<T | undefined> => {
    const now = await ask<JsonObject>('GET', path);
    const theirs = read(now.body) as JsonObject;
    if (isSame(version.base, theirs)) return give({ ...version, etag: now.etag }, true);
    setConflict({ theirs, etag: now.etag, rows: differences(version.base, theirs) });
    return undefined;
  };
  const run = async (version: Version) => {
    clear();
    setBusy(true);
    try {
      return await give(version);
    } catch (failed) {
      setFault(reason(failed));
      if (failed instanceof Refusal) setFaults(failed.errors);
      return undefined;
    } finally {
      setBusy(false);
    }
  };
  const mine = draft as unknown as Version;
  return {
    draft, busy, fault, faults, conflict, clear,
    isDirty: isNew || !isSame(mine.value, mine.base),
    faultAt: (pointer) => faults.find((each) => each.pointer === pointer || each.pointer.startsWith(`${pointer}/`))?.message,
    save: () => run(mine),
    keepMine: async () => {
      const { theirs, etag: version } = conflict!;
      const value = merge(mine.base, theirs, mine.value) as JsonObject;
      draft.rebase(theirs as T, version, value as T);
      return run({ base: theirs, etag: version, value });
    },
    takeTheirs: () => {
      draft.rebase(conflict!.theirs as T, conflict!.etag);
      clear();
    },
  };
}

const inWords = (value: Json | undefined): string => {
  if (value === undefined) return t.conflict.nothing;
  if (value === MASK) return t.conflict.secret;
  if (typeof value === 'boolean') return value ? t.conflict.yes : t.conflict.no;
  if (Array.isArray(value) && value.every((each) => typeof each !== 'object')) return value.join(', ');
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
};

function ConflictNotice<T>({ of: form, titleOf, done }: { of: ObjectForm<T>; titleOf: (path: string[]) => string; done: (stored: T) => void }) {
  const { rows } = form.conflict!;
  const typed = (path: string[]) => inWords(valueAt(form.draft.value as JsonObject, path));
  return (
    <Notice mood="bad">
      <p><strong>{t.conflict.title}</strong> {t.conflict.what}</p>
      <ul class="bullets">
        {rows.map((each) => (
          <li key={each.path.join('/')}>
            <strong>{titleOf(each.path)}</strong>: {t.conflict.theirs(inWords(each.is))}, {isSame(each.was, valueAt(form.draft.value as JsonObject, each.path)) ? t.conflict.untouched : t.conflict.mine(typed(each.path))}
          </li>
        ))}
      </ul>
      <div class="actions">
        <BusyButton class="primary" busy={form.busy} onClick={() => void form.keepMine().then((stored) => stored !== undefined && done(stored))}>{t.conflict.keep}</BusyButton>
        <BusyButton busy={form.busy} onClick={form.takeTheirs}>{t.conflict.take}</BusyButton>
      </div>
    </Notice>
  );
}

interface Marked { label: string; go: () => void }

// Which fields say what is wrong themselves, and what no field says.
function marksOf(form: Element, faults: FieldError[]) {
  const said = [...form.querySelectorAll('.fault')];
  const left = [...said.map((each) => each.textContent)];
  const unsaid = faults.filter((each) => {
    const at = left.indexOf(each.message);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
  const places = [...new Set(said.map((each) => each.closest('.field, fieldset')).filter((each) => each !== null))];
  const marked: Marked[] = places.map((place) => ({
    label: [...(place.querySelector('label, legend')?.childNodes ?? [])].map((each) => each.textContent).find(Boolean) ?? '',
    go: () => {
      place.closest('details')?.setAttribute('open', '');
      place.querySelector<HTMLElement>('[aria-invalid], input, textarea, select, button')?.focus();
    },
  }));
  return { marked: marked.filter((each) => each.label !== ''), unsaid };
}

// Why it was not saved, in a form. The first field that says so gets the focus.
export function Refused({ fault, faults, titleOf = titleOfMember }: { fault: string | undefined; faults: FieldError[]; titleOf?: (path: string[]) => string }) {
  const here = useRef<HTMLDivElement>(null);
  const [marks, setMarks] = useState<ReturnType<typeof marksOf>>({ marked: [], unsaid: [] });
  useLayoutEffect(() => {
    const next = faults.length > 0 ? marksOf(here.current!.closest('form')!, faults) : { marked: [], unsaid: [] };
    setMarks(next);
    next.marked[0]?.go();
  }, [faults]);
  const pathOf = (pointer: string) => pointer.split('/').slice(1).map((each) => each.replaceAll('~1', '/').replaceAll('~0', '~'));
  return (
    <div ref={here}>
      {fault !== undefined && (
        <Notice mood="bad">
          {marks.marked.length > 0 && (
            <p>{t.errors.marked} {marks.marked.map((each, i) => <span key={i}>{i > 0 && ', '}<button type="button" class="link" onClick={each.go}>{each.label}</button></span>)}</p>
          )}
          {marks.unsaid.map((each) => <p key={each.pointer}><strong>{titleOf(pathOf(each.pointer))}</strong> {each.message}</p>)}
          {marks.marked.length === 0 && marks.unsaid.length === 0 && <p>{fault}</p>}
        </Notice>
      )}
    </div>
  );
}

// The same of an object, and what somebody else has done to it meanwhile.
export const Trouble = <T,>({ of: form, titleOf, done }: { of: ObjectForm<T>; titleOf: (path: string[]) => string; done: (stored: T) => void }) => (
  <>
    {form.conflict && <ConflictNotice of={form} titleOf={titleOf} done={done} />}
    <Refused fault={form.fault} faults={form.faults} titleOf={titleOf} />
  </>
);

// The places of what every kind of object may have, in the words of the forms. A number is an entry of a list.
export function titleOfMember(path: string[]): string {
  const [first = '', ...rest] = path;
  const title = t.members[first] ?? first;
  return [title, ...rest.map((each) => (/^\d+$/.test(each) ? String(Number(each) + 1) : each))].filter(Boolean).join(' ');
}
