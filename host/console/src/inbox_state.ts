// The notification centre's list and what happens to it. What a person does shows at once and is taken back where the
// daemon refuses. Only so many items are held: what is over falls off at the far end and is loaded again when it is
// gone back to.
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { get, inTeam, post, reason, withQuery } from './api';
import { followInbox } from './live';
import { t } from './text';
import { CATEGORIES, SEVERITIES, type Counts, type InboxChange, type InboxPage, type Item, type Marked, type Severity } from './types';
import { say as sayOnPage, type News, type Say } from './ui';

export const VIEWS = ['current', 'unread', 'archived'] as const;
type ViewName = (typeof VIEWS)[number];
export const viewOf = (query: Record<string, string>): ViewName => VIEWS.find((each) => each === query.view) ?? 'current';

// The same as the daemon does to its own.
export function applyChange(item: Item, change: InboxChange): Item {
  const at = change.at;
  if (change.action === 'read_all') {
    return change.up_to !== undefined && item.id <= change.up_to && item.archived_at === null ? { ...item, seen_at: item.seen_at ?? at, read_at: item.read_at ?? at } : item;
  }
  if (!change.items?.includes(item.id)) return item;
  switch (change.action) {
    case 'seen': return { ...item, seen_at: item.seen_at ?? at };
    case 'unseen': return { ...item, seen_at: null, read_at: null, archived_at: null };
    case 'read': return { ...item, seen_at: item.seen_at ?? at, read_at: item.read_at ?? at };
    case 'unread': return { ...item, read_at: null, archived_at: null };
    case 'archived': return { ...item, seen_at: item.seen_at ?? at, read_at: item.read_at ?? at, archived_at: item.archived_at ?? at };
    case 'unarchived': return { ...item, archived_at: null };
    default: return item;
  }
}

// What the address asks for; what it cannot mean is no filter.
export const filtersOf = (query: Record<string, string>) => ({
  severity: SEVERITIES.find((each) => each === query.severity), category: CATEGORIES.find((each) => each === query.category),
});

function fits(item: Item, query: Record<string, string>) {
  const { severity, category } = filtersOf(query);
  return (viewOf(query) === 'archived') === (item.archived_at !== null) && (!severity || item.severity === severity) && (!category || item.category === category);
}

export interface InboxState {
  items: Item[] | undefined;
  next: string | null;
  counts: Counts | undefined;
  up: boolean;
  fault: string | undefined; // why loading the list failed last
  at: number; // when it was loaded last
  news: News; // to be spoken
  say: Say;
  isBelow: boolean; // the list does not begin with the newest
  reload: () => void;
  more: () => void;
  mark: (action: 'read' | 'unread' | 'archive' | 'unarchive', ids: string[]) => Promise<void>;
  readAll: () => Promise<void>; // of the filters that are set
}

const ACTIONS = { read: 'read', unread: 'unread', archive: 'archived', unarchive: 'unarchived' } as const;
const QUIET_MS = 4_000; // between two announcements
const RECOUNT_MS = 150;
const MOST_UNDONE = 1_000;
export const MOST_HELD = 300;

interface List { items: Item[] | undefined; next: string | null; isBelow: boolean; at: number }

// The newest that are held; what falls off is the page behind the last of them.
function cut(items: Item[], next: string | null, at: number): List {
  if (items.length <= MOST_HELD) return { items, next, isBelow: false, at };
  const held = items.slice(0, MOST_HELD);
  return { items: held, next: held.at(-1)!.id, isBelow: false, at };
}
const NOTHING: List = { items: undefined, next: null, isBelow: false, at: 0 };

const has = (items: Item[], id: string) => items.some((each) => each.id === id);

// As they were, each in its place: what came or went meanwhile stays. Where the list does not reach, they are not missed.
function putBack(list: List, before: Item[], query: Record<string, string>): List {
  if (list.items === undefined) return list;
  const back = new Map(before.map((each) => [each.id, each]));
  const [newest, oldest] = [list.items[0]?.id, list.items.at(-1)?.id];
  const isCovered = (id: string) => (list.next === null || oldest === undefined || id > oldest) && (!list.isBelow || newest === undefined || id < newest);
  const gone = before.filter((each) => !has(list.items!, each.id) && fits(each, query) && isCovered(each.id));
  const items = [...list.items.map((each) => back.get(each.id) ?? each), ...gone].sort((a, b) => (a.id < b.id ? 1 : -1));
  return { ...list, items };
}

// `say`: where it is told what was done; else on the page.
export function useInbox(team: string, user: string, query: Record<string, string>, say: Say = sayOnPage): InboxState {
  const complain = (failed: unknown) => say({ text: reason(failed), bad: true });
  const [list, setList] = useState(NOTHING);
  const held = useRef(list);
  held.current = list;
  const setItems = (change: (items: Item[]) => Item[]) => setList((old) => (old.items === undefined ? old : { ...old, items: change(old.items) }));
  const [counts, setCounts] = useState<Counts>();
  const [up, setUp] = useState(true);
  const [fault, setFault] = useState<string>();
  const [news, setNews] = useState<News>({ text: '', round: 0 });
  const wanted = useRef(query);
  wanted.current = query;
  const filters = filtersOf(query);
  const key = `${viewOf(query)}/${filters.severity ?? ''}/${filters.category ?? ''}`;
  const round = useRef(0);
  const early = useRef<Item[]>([]); // came before the list did

  const path = (cursor?: string) => {
    const view = viewOf(wanted.current);
    return withQuery(inTeam(team, 'inbox'), { filter: view === 'current' ? undefined : view, ...filtersOf(wanted.current), cursor, limit: '50' });
  };
  const recount = useCallback(() => { get<Counts>(inTeam(team, 'inbox', 'counts')).then(setCounts, () => {}); }, [team]);
  const reload = useCallback(() => {
    const mine = ++round.current;
    early.current = [];
    get<InboxPage>(path()).then((page) => {
      if (mine !== round.current) return;
      const missing = early.current.filter((item) => fits(item, wanted.current) && !has(page.items, item.id));
      early.current = [];
      setList(cut([...missing.reverse(), ...page.items], page.next, Date.now()));
      setFault(undefined);
    }, (failed) => mine === round.current && setFault(reason(failed)));
    recount();
  }, [team]);
  useEffect(() => {
    setList(NOTHING);
    setFault(undefined);
    reload();
  }, [key, reload]);

  useEffect(() => {
    let recounting = 0;
    let speaking = 0;
    let heard: Severity[] = [];
    let lost = 0;
    // At most so often, also while alerts pour in.
    const soon = () => {
      recounting ||= window.setTimeout(() => {
        recounting = 0;
        recount();
      }, RECOUNT_MS);
    };
    const announce = (severity: Severity) => {
      heard.push(severity);
      if (speaking) return;
      speaking = window.setTimeout(() => {
        speaking = 0;
        const text = t.inbox.arrived(heard.length, SEVERITIES.find((each) => heard.includes(each)) ?? 'info');
        heard = [];
        setNews((old) => ({ text, round: old.round + 1 }));
      }, QUIET_MS);
    };
    const stop = followInbox(team, user, (what) => {
      switch (what.kind) {
        case 'item':
          soon();
          announce(what.item.severity);
          early.current = [...early.current, what.item].slice(-50);
          if (!fits(what.item, wanted.current)) return;
          setList((old) => (old.items === undefined || old.isBelow || has(old.items, what.item.id) ? old : cut([what.item, ...old.items], old.next, old.at)));
          return;
        case 'change':
          if (what.change.action === 'unarchived') return reload();
          soon();
          setItems((old) => old.map((each) => applyChange(each, what.change)).filter((each) => fits(each, wanted.current)));
          return;
        case 'reset': return reload();
        case 'up':
          clearTimeout(lost);
          lost = 0;
          return setUp(true);
        case 'down':
          if (lost) return;
          // A reconnection takes a moment and is nobody's business.
          lost = window.setTimeout(() => setUp(false), 1_500);
          get('/v1/console/me').catch(() => {}); // 401: signed out
      }
    });
    return () => {
      stop();
      for (const timer of [recounting, speaking, lost]) clearTimeout(timer);
    };
  }, [team, user, reload, recount]);

  // The same one as long as the list lives: rows are drawn anew only where their item has changed.
  const mark: InboxState['mark'] = useCallback(async (action, ids) => {
    const before = (held.current.items ?? []).filter((each) => ids.includes(each.id));
    const change: InboxChange = { action: ACTIONS[action], items: ids, at: new Date().toISOString() };
    setItems((old) => old.map((each) => applyChange(each, change)).filter((each) => fits(each, wanted.current)));
    try {
      const marked = await post<Marked>(inTeam(team, 'inbox', action), { items: ids });
      setCounts(marked.counts);
      if (action === 'unarchive') reload(); // it stands where it stood before
    } catch (failed) {
      setList((old) => putBack(old, before, wanted.current));
      complain(failed);
    }
  }, [team, reload]);

  const post200 = async (action: 'read' | 'unread', ids: string[]) => {
    let changed = 0;
    for (let at = 0; at < ids.length; at += 200) {
      const marked = await post<Marked>(inTeam(team, 'inbox', action), { items: ids.slice(at, at + 200) });
      changed += marked.changed;
      setCounts(marked.counts);
    }
    return changed;
  };
  const readAll = async () => {
    const newest = list.items?.[0];
    if (newest === undefined) return;
    const only = filtersOf(query);
    const isFiltered = only.severity !== undefined || only.category !== undefined;
    try {
      // What was unread is remembered, so that it can be again. With filters it is also what is marked: the daemon marks
      // either what it is named, or everything.
      const unread: string[] = [];
      let cursor: string | null = null;
      do {
        const page: InboxPage = await get<InboxPage>(withQuery(inTeam(team, 'inbox'), { filter: 'unread', ...only, limit: '200', cursor: cursor ?? undefined }));
        unread.push(...page.items.map((each) => each.id).filter((id) => id <= newest.id));
        cursor = page.next;
      } while (cursor !== null && (isFiltered || unread.length < MOST_UNDONE));
      let changed: number;
      if (isFiltered) changed = await post200('read', unread);
      else {
        const marked = await post<Marked>(inTeam(team, 'inbox', 'read-all'), { up_to: newest.id });
        setCounts(marked.counts);
        changed = marked.changed;
      }
      reload();
      const undo = () => void post200('unread', unread).then(reload, complain);
      say({ text: t.inbox.markedRead(changed), undo: cursor === null && unread.length > 0 ? undo : undefined });
    } catch (failed) {
      complain(failed);
    }
  };

  return {
    ...list, counts, up, fault, news, say, reload, mark, readAll,
    more: () => {
      if (list.next === null) return;
      const mine = round.current; // of this view, and of this loading of it
      get<InboxPage>(path(list.next)).then((page) => mine === round.current && setList((old) => {
        const all = [...(old.items ?? []), ...page.items.filter((each) => !has(old.items ?? [], each.id))];
        return { ...old, items: all.slice(-MOST_HELD), next: page.next, isBelow: old.isBelow || all.length > MOST_HELD };
      }), (failed) => mine === round.current && complain(failed));
    },
  };
}
