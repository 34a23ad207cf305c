// The notification centre's list and what happens to it. What a person does shows at once and is taken back where the
// daemon refuses. Only so many items are held: what is over falls off at the far end and is loaded again when it is
// gone back to.
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { get, inTeam, post, reason, withQuery } from './api';
import { followInbox } from './live';
import { t } from './text';
import { SEVERITIES, type Counts, type InboxChange, type InboxPage, type Item, type Marked, type Severity } from './types';
import { complain, say } from './ui';

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

const fits = (item: Item, query: Record<string, string>) =>
  (viewOf(query) === 'archived') === (item.archived_at !== null) &&
  (!query.severity || item.severity === query.severity) && (!query.category || item.category === query.category);

export interface InboxState {
  items: Item[] | undefined;
  next: string | null;
  counts: Counts | undefined;
  up: boolean;
  fault: string | undefined;
  news: string;
  isBelow: boolean; // the list does not begin with the newest
  reload: () => void;
  more: () => void;
  mark: (action: 'read' | 'unread' | 'archive' | 'unarchive', ids: string[]) => Promise<void>;
  readAll: () => Promise<void>;
}

const ACTIONS = { read: 'read', unread: 'unread', archive: 'archived', unarchive: 'unarchived' } as const;
const QUIET_MS = 4_000; // between two announcements
const RECOUNT_MS = 150;
const MOST_UNDONE = 1_000;
export const MOST_HELD = 300;

interface List { items: Item[] | undefined; next: string | null; isBelow: boolean }

// The newest that are held; what falls off is the page behind the last of them.
function cut(items: Item[], next: string | null): List {
  if (items.length <= MOST_HELD) return { items, next, isBelow: false };
  const held = items.slice(0, MOST_HELD);
  return { items: held, next: held.at(-1)!.id, isBelow: false };
}

const has = (items: Item[], id: string) => items.some((each) => each.id === id);

export function useInbox(team: string, user: string, query: Record<string, string>): InboxState {
  const [list, setList] = useState<List>({ items: undefined, next: null, isBelow: false });
  const held = useRef(list);
  held.current = list;
  const setItems = (change: (items: Item[]) => Item[]) => setList((old) => (old.items === undefined ? old : { ...old, items: change(old.items) }));
  const [counts, setCounts] = useState<Counts>();
  const [up, setUp] = useState(true);
  const [fault, setFault] = useState<string>();
  const [news, setNews] = useState('');
  const wanted = useRef(query);
  wanted.current = query;
  const key = `${viewOf(query)}/${query.severity ?? ''}/${query.category ?? ''}`;
  const round = useRef(0);
  const early = useRef<Item[]>([]); // came before the list did

  const path = (cursor?: string) => {
    const view = viewOf(wanted.current);
    return withQuery(inTeam(team, 'inbox'), {
      filter: view === 'current' ? undefined : view, severity: wanted.current.severity, category: wanted.current.category, cursor, limit: '50',
    });
  };
  const recount = useCallback(() => { get<Counts>(inTeam(team, 'inbox', 'counts')).then(setCounts, () => {}); }, [team]);
  const reload = useCallback(() => {
    const mine = ++round.current;
    early.current = [];
    get<InboxPage>(path()).then((page) => {
      if (mine !== round.current) return;
      const missing = early.current.filter((item) => fits(item, wanted.current) && !has(page.items, item.id));
      early.current = [];
      setList(cut([...missing.reverse(), ...page.items], page.next));
      setFault(undefined);
    }, (failed) => mine === round.current && setFault(reason(failed)));
    recount();
  }, [team]);
  useEffect(() => {
    setList({ items: undefined, next: null, isBelow: false });
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
        setNews(t.inbox.arrived(heard.length, SEVERITIES.find((each) => heard.includes(each)) ?? 'info'));
        heard = [];
      }, QUIET_MS);
    };
    const stop = followInbox(team, user, (what) => {
      switch (what.kind) {
        case 'item':
          soon();
          announce(what.item.severity);
          early.current = [...early.current, what.item].slice(-50);
          if (!fits(what.item, wanted.current)) return;
          setList((old) => (old.items === undefined || old.isBelow || has(old.items, what.item.id) ? old : cut([what.item, ...old.items], old.next)));
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
    const before = held.current;
    const change: InboxChange = { action: ACTIONS[action], items: ids, at: new Date().toISOString() };
    setItems((old) => old.map((each) => applyChange(each, change)).filter((each) => fits(each, wanted.current)));
    try {
      const marked = await post<Marked>(inTeam(team, 'inbox', action), { items: ids });
      setCounts(marked.counts);
      if (action === 'unarchive') reload(); // it stands where it stood before
    } catch (failed) {
      setList(before);
      complain(failed);
    }
  }, [team, reload]);

  const readAll = async () => {
    const newest = list.items?.[0];
    if (newest === undefined) return;
    try {
      // What was unread is remembered, so that it can be again.
      const unread: string[] = [];
      let cursor: string | null = null;
      do {
        const page: InboxPage = await get<InboxPage>(withQuery(inTeam(team, 'inbox'), { filter: 'unread', limit: '200', cursor: cursor ?? undefined }));
        unread.push(...page.items.map((each) => each.id).filter((id) => id <= newest.id));
        cursor = page.next;
      } while (cursor !== null && unread.length < MOST_UNDONE);
      const marked = await post<Marked>(inTeam(team, 'inbox', 'read-all'), { up_to: newest.id });
      setCounts(marked.counts);
      reload();
      const undo = async () => {
        for (let at = 0; at < unread.length; at += 200) await post(inTeam(team, 'inbox', 'unread'), { items: unread.slice(at, at + 200) });
        reload();
      };
      say({ text: t.inbox.markedRead(marked.changed), undo: cursor === null && unread.length > 0 ? () => void undo().catch(complain) : undefined });
    } catch (failed) {
      complain(failed);
    }
  };

  return {
    ...list, counts, up, fault, news, reload, mark, readAll,
    more: () => {
      if (list.next === null) return;
      get<InboxPage>(path(list.next)).then((page) => setList((old) => {
        const all = [...(old.items ?? []), ...page.items.filter((each) => !has(old.items ?? [], each.id))];
        return { items: all.slice(-MOST_HELD), next: page.next, isBelow: old.isBelow || all.length > MOST_HELD };
      }), complain);
    },
  };
}
