// What somebody types into a form and has not saved: it survives a reload of the tab and nothing else. Secrets never go
// in: `keep` takes them out. A draft belongs to who typed it, and to the version that it changes: the two never part.
import { useState } from 'preact/hooks';

// With the number of the drafts' shape: those of an older one are dropped.
const PREFIX = 'tocsin-draft/';
const SHAPE = '2/';
let owner = '';

interface Kept<T> { value: T; base: T; etag: string | null }

const keyOf = (name: string) => `${PREFIX}${SHAPE}${encodeURIComponent(owner)}/${name}`;
export const hasDraft = (name: string) => sessionStorage.getItem(keyOf(name)) !== null;

function read<T>(key: string): Kept<T> | null {
  try {
    return JSON.parse(sessionStorage.getItem(key) ?? 'null') as Kept<T> | null;
  } catch {
    return null;
  }
}

export interface Draft<T> {
  value: T;
  base: T; // what the daemon has, or had: the version `etag`
  etag: string | null;
  set: (value: T) => void;
  isRestored: boolean;
  round: number; // another one once other values came in: for the key of what holds text of its own
  rebase: (base: T, etag: string | null, value?: T) => void; // to another version; without `value` nothing of what was typed stays
  adopt: (base: T, etag: string | null) => void; // what was typed is saved
  discard: () => void;
  forget: () => void; // it is saved, or nobody wants it any more
}

export function useDraft<T>(name: string, first: T, etag: string | null = null, keep: (value: T, base: T) => T = (value) => value): Draft<T> {
  const key = keyOf(name);
  const [found] = useState(() => read<T>(key));
  const [state, setState] = useState<Kept<T>>(found ?? { value: first, base: first, etag });
  const [isRestored, setIsRestored] = useState(found !== null);
  const [round, setRound] = useState(0);
  const forget = () => {
    sessionStorage.removeItem(key);
    setIsRestored(false);
  };
  const put = (next: Kept<T>) => {
    setState(next);
    if (JSON.stringify(next.value) === JSON.stringify(next.base)) return forget();
    try {
      sessionStorage.setItem(key, JSON.stringify({ ...next, value: keep(next.value, next.base) }));
    } catch {
      // full or forbidden: then it does not survive
    }
  };
  const rebase = (base: T, version: string | null, mine = base) => {
    put({ base, etag: version, value: mine });
    setRound(round + 1);
  };
  return {
    ...state, isRestored, round, forget, rebase,
    set: (value) => put({ ...state, value }),
    adopt: (base, version) => put({ value: base, base, etag: version }),
    // What was loaded is younger than what the draft of before the reload began with.
    discard: () => (found !== null && state.etag === found.etag ? rebase(first, etag) : rebase(state.base, state.etag)),
  };
}

export function forgetDrafts(which: (key: string) => boolean = () => true) {
  for (const key of Object.keys(sessionStorage)) if (key.startsWith(PREFIX) && which(key)) sessionStorage.removeItem(key);
}

// From now on drafts are this person's; somebody else's in this tab are dropped.
export function ownDrafts(user: string) {
  owner = user;
  forgetDrafts((key) => !key.startsWith(`${PREFIX}${SHAPE}${encodeURIComponent(user)}/`));
}
