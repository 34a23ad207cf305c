// The notification centre: a live list. What a person does shows at once and is taken back where the daemon refuses.
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { get, inTeam, post, reason, withQuery } from './api';
import { followInbox } from './live';
import { href, replaceRoute } from './router';
import { t } from './text';
import { CATEGORIES, SEVERITIES, type Category, type Counts, type InboxChange, type InboxPage, type Item, type Marked, type Severity } from './types';
import { Choice, complain, Fault, Page, say, SeverityMark, Skeleton, Time } from './ui';

const VIEWS = ['current', 'unread', 'archived'] as const;
type ViewName = (typeof VIEWS)[number];
const viewOf = (query: Record<string, string>): ViewName => VIEWS.find((each) => each === query.view) ?? 'current';

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
  reload: () => void;
  more: () => void;
  mark: (action: 'read' | 'unread' | 'archive' | 'unarchive', ids: string[]) => Promise<void>;
  readAll: () => Promise<void>;
}

const ACTIONS = { read: 'read', unread: 'unread', archive: 'archived', unarchive: 'unarchived' } as const;
const QUIET_MS = 4_000; // between two announcements
const MOST_UNDONE = 1_000;

export function useInbox(team: string, user: string, query: Record<string, string>): InboxState {
  const [items, setItems] = useState<Item[]>();
  const [next, setNext] = useState<string | null>(null);
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
      const missing = early.current.filter((item) => fits(item, wanted.current) && !page.items.some((each) => each.id === item.id));
      early.current = [];
      setItems([...missing.reverse(), ...page.items]);
      setNext(page.next);
      setFault(undefined);
    }, (failed) => mine === round.current && setFault(reason(failed)));
    recount();
  }, [team]);
  useEffect(() => {
    setItems(undefined);
    reload();
  }, [key, reload]);

  useEffect(() => {
    let recounting = 0;
    let speaking = 0;
    let heard: Severity[] = [];
    let lost = 0;
    const soon = () => {
      clearTimeout(recounting);
      recounting = window.setTimeout(recount, 100);
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
          if (fits(what.item, wanted.current)) setItems((old) => (old === undefined || old.some((each) => each.id === what.item.id) ? old : [what.item, ...old]));
          return;
        case 'change':
          if (what.change.action === 'unarchived') return reload();
          soon();
          setItems((old) => old?.map((each) => applyChange(each, what.change)).filter((each) => fits(each, wanted.current)));
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

  const mark: InboxState['mark'] = async (action, ids) => {
    const before = items;
    const change: InboxChange = { action: ACTIONS[action], items: ids, at: new Date().toISOString() };
    setItems((old) => old?.map((each) => applyChange(each, change)).filter((each) => fits(each, wanted.current)));
    try {
      const marked = await post<Marked>(inTeam(team, 'inbox', action), { items: ids });
      setCounts(marked.counts);
      if (action === 'unarchive') reload(); // it stands where it stood before
    } catch (failed) {
      setItems(before);
      complain(failed);
    }
  };

  const readAll = async () => {
    const newest = items?.[0];
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
    items, next, counts, up, fault, news, reload, mark, readAll,
    more: () => {
      if (next === null) return;
      get<InboxPage>(path(next)).then((page) => {
        setItems((old) => [...(old ?? []), ...page.items.filter((each) => !old?.some((had) => had.id === each.id))]);
        setNext(page.next);
      }, complain);
    },
  };
}

const isWeb = (link: string) => /^https?:\/\//i.test(link);

function Row({ item, team, manages, mark }: { item: Item; team: string; manages: boolean; mark: InboxState['mark'] }) {
  const archive = () => {
    void mark('archive', [item.id]);
    say({ text: t.inbox.archived, undo: () => void mark('unarchive', [item.id]).then(() => (item.read_at === null ? mark('unread', [item.id]) : undefined)) });
  };
  const toggle = () => void mark(item.read_at === null ? 'read' : 'unread', [item.id]);
  const onKey = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const row = event.currentTarget as HTMLElement;
    const move = (to: Element | null) => {
      if (to instanceof HTMLElement) {
        event.preventDefault();
        to.focus();
      }
    };
    if (event.key === 'j' || event.key === 'ArrowDown') move(row.nextElementSibling);
    else if (event.key === 'k' || event.key === 'ArrowUp') move(row.previousElementSibling);
    else if (event.key === 'u') toggle();
    else if (event.key === 'e' && item.archived_at === null) {
      move(row.nextElementSibling ?? row.previousElementSibling);
      archive();
    }
  };
  return (
    <li class={item.read_at === null ? 'item unread' : 'item'} data-id={item.id} tabIndex={0} onKeyDown={onKey}>
      <div class="line">
        {item.read_at === null && <span class="dot" title={t.inbox.isUnread}><span class="hidden">{t.inbox.isUnread}</span></span>}
        <SeverityMark severity={item.severity} />
        <Time at={item.created} />
      </div>
      <p class="title">{item.title}</p>
      {item.summary && <p class="summary">{item.summary}</p>}
      <p class="meta">{[t.category[item.category], item.type, item.source].filter(Boolean).join(' · ')}</p>
      <div class="actions">
        {item.link && isWeb(item.link) && <a href={item.link} target="_blank" rel="noopener noreferrer">{t.inbox.open}</a>}
        {manages && item.key.startsWith('dlv_') && <a href={href([team, 'deliveries', item.key])}>{t.inbox.delivery}</a>}
        <button type="button" class="plain" onClick={toggle}>{item.read_at === null ? t.inbox.read : t.inbox.unread}</button>
        {item.archived_at === null
          ? <button type="button" class="plain" onClick={archive}>{t.inbox.archive}</button>
          : <button type="button" class="plain" onClick={() => void mark('unarchive', [item.id])}>{t.inbox.unarchive}</button>}
      </div>
    </li>
  );
}

export function Inbox({ inbox, team, query, manages }: { inbox: InboxState; team: string; query: Record<string, string>; manages: boolean }) {
  const view = viewOf(query);
  const unread = inbox.counts?.unread ?? 0;
  const ask = (change: Record<string, string | undefined>) => replaceRoute([team, 'inbox'], { ...query, ...change });
  const isFiltered = Boolean(query.severity || query.category);
  return (
    <Page title={t.inbox.title} short={unread > 0 ? `(${unread}) ${t.inbox.title}` : t.inbox.title} actions={
      <button type="button" disabled={unread === 0 || !inbox.items?.length} onClick={() => void inbox.readAll()}>{t.inbox.readAll}</button>
    }>
      <p class="hidden" aria-live="polite" role="status">{inbox.news}</p>
      {!inbox.up && <div class="notice wait" role="status"><p>{t.inbox.offline}</p></div>}
      <div class="filters" role="group" aria-label={t.filters.label}>
        <div class="tabs">
          {VIEWS.map((each) => (
            <button key={each} type="button" aria-pressed={view === each} onClick={() => ask({ view: each === 'current' ? undefined : each })}>{t.inbox.views[each]}</button>
          ))}
        </div>
        <Choice id="severity" label={t.filters.severity} value={(query.severity ?? '') as Severity | ''} options={SEVERITIES} words={(each) => t.severity[each]} set={(severity) => ask({ severity })} />
        <Choice id="category" label={t.filters.category} value={(query.category ?? '') as Category | ''} options={CATEGORIES} words={(each) => t.category[each]} set={(category) => ask({ category })} />
      </div>
      {inbox.fault !== undefined && <Fault text={inbox.fault} again={inbox.reload} />}
      {inbox.items === undefined && inbox.fault === undefined && <Skeleton />}
      {inbox.items?.length === 0 && <p class="empty">{isFiltered ? t.inbox.filtered : t.inbox.empty[view]}</p>}
      {inbox.items !== undefined && inbox.items.length > 0 && (
        <ol class="items" aria-label={t.inbox.list}>
          {inbox.items.map((item) => <Row key={item.id} item={item} team={team} manages={manages} mark={inbox.mark} />)}
        </ol>
      )}
      {inbox.next !== null && <button type="button" onClick={inbox.more}>{t.common.older}</button>}
      {inbox.items !== undefined && inbox.items.length > 0 && <p class="help">{t.inbox.keys}</p>}
    </Page>
  );
}
