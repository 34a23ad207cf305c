// A list that is read page by page. Only so many rows are held, or a long log would fill the browser: what is over goes
// at the top, and the way back is to load anew.
import { useEffect, useRef, useState } from 'preact/hooks';
import { reason } from './api';
import { complain, Fault, Skeleton, Stale } from './ui';

export interface Chunk<T> { rows: T[]; next: string | null }
export const MOST_ROWS = 300;

export interface Pages<T> {
  rows: T[] | undefined; // stay when loading them again fails
  next: string | null;
  isBelow: boolean; // it does not begin with the newest
  fault: string | undefined; // why the last try failed
  at: number; // when the rows came
  more: () => void;
  reload: () => void; // keeps what is shown until the answer is there
  poll: () => void; // the same, but never into what is under way
}

interface State<T> { key: string; rows?: T[]; next: string | null; isBelow: boolean; fault?: string | undefined; at: number }

export function usePages<T>(key: string, load: (cursor?: string) => Promise<Chunk<T>>): Pages<T> {
  const nothing: State<T> = { key, next: null, isBelow: false, at: 0 };
  const [state, setState] = useState<State<T>>(nothing);
  const round = useRef(0);
  const under = useRef(0); // the round that has not been answered
  // Of an earlier round, an answer is about what is not shown any more.
  const ask = (cursor: string | undefined, take: (chunk: Chunk<T>) => void, fail: (fault: unknown) => void) => {
    const mine = under.current = ++round.current;
    const only = <A,>(then: (answer: A) => void) => (answer: A) => {
      if (mine !== round.current) return;
      under.current = 0;
      then(answer);
    };
    load(cursor).then(only(take), only(fail));
  };
  const run = () => ask(undefined,
    ({ rows, next }) => setState({ key, rows, next, isBelow: false, at: Date.now() }),
    (fault) => setState((old) => ({ ...(old.key === key ? old : nothing), fault: reason(fault) })));
  useEffect(run, [key]);
  const shown = state.key === key ? state : nothing;
  return {
    rows: shown.rows, next: shown.next, isBelow: shown.isBelow, fault: shown.fault, at: shown.at,
    reload: run,
    poll: () => { if (under.current === 0) run(); },
    more: () => {
      if (shown.next === null) return;
      ask(shown.next, ({ rows, next }) => setState((old) => {
        const all = [...(old.rows ?? []), ...rows];
        return { key, rows: all.slice(-MOST_ROWS), next, isBelow: old.isBelow || all.length > MOST_ROWS, at: old.at };
      }), complain);
    },
  };
}

// Above the rows: that they are on their way, that they did not come, or that they are not the newest.
export function LogState({ of }: { of: Pages<unknown> }) {
  if (of.fault === undefined) return of.rows === undefined ? <Skeleton /> : null;
  return of.rows === undefined ? <Fault text={of.fault} again={of.reload} /> : <Stale since={of.at} text={of.fault} again={of.reload} />;
}
