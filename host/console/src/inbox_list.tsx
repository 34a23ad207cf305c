// Items as a list, with its keys: j and k move, e archives, u marks as read or unread, Enter opens.
import { Component, type ComponentChildren } from 'preact';
import { useRef, useState } from 'preact/hooks';
import type { InboxState } from './inbox_state';
import { t } from './text';
import type { Item } from './types';
import { plain, SeverityMark, Time, type Say } from './ui';

const LONG = 280; // characters; more is folded
const LINES = 4;
const isLong = (text: string) => text.length > LONG || text.split('\n').length > LINES;

// The host of a link that may be followed. Whoever sent the alert chose it, so people see it before they go there.
export function hostOf(link: string | undefined): string | undefined {
  try {
    const url = new URL(link ?? '');
    return /^https?:$/.test(url.protocol) ? url.host : undefined;
  } catch {
    return undefined;
  }
}

interface RowProps { item: Item; mark: InboxState['mark']; say: Say; more: ((item: Item) => ComponentChildren) | undefined }

function Row({ item, mark, say, more }: RowProps) {
  const place = useRef<HTMLLIElement>(null);
  const [isOpen, setIsOpen] = useState(false);
  const host = hostOf(item.link);
  const summary = item.summary ? plain(item.summary) : '';
  const toggle = () => void mark(item.read_at === null ? 'read' : 'unread', [item.id]);
  // The row goes, and the focus with it to its neighbour, or to what the list is in.
  const leave = () => {
    const row = place.current;
    const next = row?.nextElementSibling ?? row?.previousElementSibling ?? row?.closest('main, [role=dialog]');
    if (row?.contains((row.getRootNode() as Document | ShadowRoot).activeElement) && next instanceof HTMLElement) next.focus();
  };
  const archive = () => {
    leave();
    void mark('archive', [item.id]);
    say({
      text: t.inbox.archived, together: t.inbox.archivedMany,
      undo: () => void mark('unarchive', [item.id]).then(() => (item.read_at === null ? mark('unread', [item.id]) : undefined)),
    });
  };
  const unarchive = () => {
    leave();
    void mark('unarchive', [item.id]);
  };
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
    else if (event.key === 'e' && item.archived_at === null) archive();
    else if (event.key === 'Enter' && event.target === row) row.querySelector<HTMLElement>('.actions a, .fold')?.click();
  };
  return (
    <li ref={place} class={item.read_at === null ? 'item unread' : 'item'} data-id={item.id} tabIndex={0} onKeyDown={onKey}>
      <div class="line">
        {item.read_at === null && <span class="dot" title={t.inbox.isUnread}><span class="hidden">{t.inbox.isUnread}</span></span>}
        <SeverityMark severity={item.severity} />
        <Time at={item.created} />
      </div>
      <p class="title" dir="auto">{plain(item.title)}</p>
      {summary && <p class={isLong(summary) && !isOpen ? 'summary folded' : 'summary'} dir="auto">{summary}</p>}
      {isLong(summary) && <button type="button" class="plain fold" aria-expanded={isOpen} onClick={() => setIsOpen(!isOpen)}>{isOpen ? t.inbox.less : t.inbox.whole}</button>}
      <p class="meta">{[t.category[item.category], item.type, item.source].filter(Boolean).join(' · ')}</p>
      <div class="actions">
        {/* A press of the middle button opens it as well. */}
        {host && <a href={item.link} target="_blank" rel="noopener noreferrer" onClick={() => { if (item.read_at === null) toggle(); }} onAuxClick={(event) => { if (event.button === 1 && item.read_at === null) toggle(); }}>{t.inbox.open(host)}</a>}
        {more?.(item)}
        <button type="button" class="plain" onClick={toggle}>{item.read_at === null ? t.inbox.read : t.inbox.unread}</button>
        {item.archived_at === null
          ? <button type="button" class="plain" onClick={archive}>{t.inbox.archive}</button>
          : <button type="button" class="plain" onClick={unarchive}>{t.inbox.unarchive}</button>}
      </div>
    </li>
  );
}

// Drawn anew only where its item has changed: with hundreds of rows, an alert that arrives costs one.
class Steady extends Component<RowProps> {
  override shouldComponentUpdate(next: RowProps) {
    return next.item !== this.props.item;
  }
  override render(props: RowProps) {
    return <Row {...props} />;
  }
}

// `more`: further links of an item, by it alone.
export const InboxList = ({ inbox, more }: { inbox: InboxState; more?: (item: Item) => ComponentChildren }) => (
  <ol class="items" aria-label={t.inbox.list}>
    {inbox.items?.map((item) => <Steady key={item.id} item={item} mark={inbox.mark} say={inbox.say} more={more} />)}
  </ol>
);
