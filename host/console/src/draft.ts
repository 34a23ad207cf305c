// What somebody types into a form and has not saved: it survives a reload of the tab and nothing else. Secrets never go
// in: `keep` takes them out.
import { useState } from 'preact/hooks';

const PREFIX = 'tocsin-draft/';
interface Kept<T> { value: T; etag: string | null }

function read<T>(key: string): Kept<T> | null {
  try {
    return JSON.parse(sessionStorage.getItem(PREFIX + key) ?? 'null') as Kept<T> | null;
  } catch {
    return null;
  }
}

export interface Draft<T> {
  value: T;
  etag: string | null; // of the version that was changed
  set: (value: T) => void;
  isRestored: boolean;
  round: number; // another one once it was discarded: for the key of what holds text of its own
  discard: () => void;
  forget: () => void; // it is saved
}

export function useDraft<T>(key: string, first: T, etag: string | null, keep: (value: T) => T): Draft<T> {
  const [found] = useState(() => read<T>(key));
  const [value, setValue] = useState(found?.value ?? first);
  const [isRestored, setIsRestored] = useState(found !== null);
  const [round, setRound] = useState(0);
  const forget = () => {
    sessionStorage.removeItem(PREFIX + key);
    setIsRestored(false);
  };
  return {
    value, isRestored, round, etag: isRestored && found ? found.etag : etag, forget,
    set: (next) => {
      setValue(next);
      try {
        sessionStorage.setItem(PREFIX + key, JSON.stringify({ value: keep(next), etag: isRestored && found ? found.etag : etag }));
      } catch {
        // full or forbidden: then it does not survive
      }
    },
    discard: () => {
      forget();
      setValue(first);
      setRound(round + 1);
    },
  };
}

// Whoever signs in next is somebody else.
export function forgetDrafts() {
  for (const key of Object.keys(sessionStorage)) if (key.startsWith(PREFIX)) sessionStorage.removeItem(key);
}
