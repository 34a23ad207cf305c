// The page of the notification centre: views, filters and the list.
import { useEffect } from 'preact/hooks';
import { href, replaceRoute } from './router';
import { InboxList } from './inbox_list';
import { filtersOf, viewOf, VIEWS, type InboxState } from './inbox_state';
import { t } from './text';
import { CATEGORIES, SEVERITIES } from './types';
import { Choice, Fault, Page, Skeleton, Stale } from './ui';

export function Inbox({ inbox, team, query, seesLog }: { inbox: InboxState; team: string; query: Record<string, string>; seesLog: boolean }) {
  const view = viewOf(query);
  const filters = filtersOf(query);
  const isFiltered = Boolean(filters.severity || filters.category);
  const unread = inbox.counts?.unread ?? 0;
  const ask = (change: Record<string, string | undefined>) => replaceRoute([team, 'inbox'], { ...query, ...change });
  const isThere = inbox.items !== undefined;
  useEffect(() => { if (isThere) performance.mark('tocsin-interactive'); }, [isThere]);
  return (
    <Page title={t.inbox.title} short={unread > 0 ? `(${unread}) ${t.inbox.title}` : t.inbox.title} actions={
      view !== 'archived' && <button type="button" disabled={unread === 0 || !inbox.items?.length} onClick={() => void inbox.readAll()}>{isFiltered ? t.inbox.readThese : t.inbox.readAll}</button>
    }>
      {!inbox.up && <div class="notice wait" role="status"><p>{t.inbox.offline}</p></div>}
      <div class="filters" role="group" aria-label={t.filters.label}>
        <div class="tabs">
          {VIEWS.map((each) => (
            <button key={each} type="button" aria-pressed={view === each} onClick={() => ask({ view: each === 'current' ? undefined : each })}>{t.inbox.views[each]}</button>
          ))}
        </div>
        <Choice id="severity" label={t.filters.severity} value={filters.severity ?? ''} options={SEVERITIES} words={(each) => t.severity[each]} set={(severity) => ask({ severity })} />
        <Choice id="category" label={t.filters.category} value={filters.category ?? ''} options={CATEGORIES} words={(each) => t.category[each]} set={(category) => ask({ category })} />
      </div>
      {inbox.fault !== undefined && (inbox.items === undefined ? <Fault text={inbox.fault} again={inbox.reload} /> : <Stale since={inbox.at} text={inbox.fault} again={inbox.reload} />)}
      {inbox.items === undefined && inbox.fault === undefined && <Skeleton />}
      {inbox.items?.length === 0 && <p class="empty">{isFiltered ? t.inbox.filtered : t.inbox.empty[view]}</p>}
      {inbox.isBelow && <button type="button" onClick={inbox.reload}>{t.inbox.newest}</button>}
      {inbox.items !== undefined && inbox.items.length > 0 && (
        <InboxList inbox={inbox} more={(item) => seesLog && item.key.startsWith('dlv_') && <a href={href([team, 'deliveries', item.key])}>{t.inbox.delivery}</a>} />
      )}
      {inbox.next !== null && <button type="button" onClick={inbox.more}>{t.common.older}</button>}
      {inbox.items !== undefined && inbox.items.length > 0 && <p class="help">{t.inbox.keys}</p>}
    </Page>
  );
}
