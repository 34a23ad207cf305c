// A list that is read page by page. Only so many rows are held, or a long log would fill the browser: what is over goes
// at the top, and the way back is to load anew.
import { useEffect, useRef, useState } from 'preact/hooks';
import { reason } from './api';
import { complain } from './ui';

export interface Chunk<T> { rows: T[]; next: string | null }
export const MOST_ROWS = 300;

export interface Pages<T> {
  rows: T[] | undefined;
  next: string | null;
  isBelow: boolean; // it does not begin with the newest
  fault: string | undefined;
  more: () => void;
  reload: () => void; // keeps what is shown until the answer is there
}

export function usePages<T>(key: string, load: (cursor?: string) => Promise<Chunk<T>>): Pages<T> {
  const [state, setState] = useState<{ key: string; rows?: T[]; next: string | null; isBelow: boolean; fault?: string }>({ key, next: null, isBelow: false });
  const round = useRef(0);
  const run = () => {
    const mine = ++round.current;
    load().then(
      ({ rows, next }) => mine === round.current && setState({ key, rows, next, isBelow: false }),
      (fault) => mine === round.current && setState({ key, next: null, isBelow: false, fault: reason(fault) }),
    );
  };
  useEffect(run, [key]);
  const isFresh = state.key === key;
  return {
    rows: isFresh ? state.rows : undefined,
    next: isFresh ? state.next : null,
    isBelow: isFresh && state.isBelow,
    fault: isFresh ? state.fault : undefined,
    reload: run,
    more: () => {
      if (state.next === null) return;
      const mine = ++round.current;
      load(state.next).then(({ rows, next }) => {
        if (mine !== round.current) return;
        const all = [...(state.rows ?? []), ...rows];
        setState({ key, rows: all.slice(-MOST_ROWS), next, isBelow: state.isBelow || all.length > MOST_ROWS });
      }, complain);
    },
  };
}
