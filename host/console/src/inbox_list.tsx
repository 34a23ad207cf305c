// Items as a list, with its keys: j and k move, e archives, u marks as read or unread.
import { Component, type ComponentChildren } from 'preact';
import type { InboxState } from './inbox_state';
import { t } from './text';
import type { Item } from './types';
import { say, SeverityMark, Time } from './ui';

const isWeb = (link: string) => /^https?:\/\//i.test(link);

interface RowProps { item: Item; mark: InboxState['mark']; more: ((item: Item) => ComponentChildren) | undefined }

function Row({ item, mark, more }: RowProps) {
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
        {more?.(item)}
        <button type="button" class="plain" onClick={toggle}>{item.read_at === null ? t.inbox.read : t.inbox.unread}</button>
        {item.archived_at === null
          ? <button type="button" class="plain" onClick={archive}>{t.inbox.archive}</button>
          : <button type="button" class="plain" onClick={() => void mark('unarchive', [item.id])}>{t.inbox.unarchive}</button>}
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
    {inbox.items?.map((item) => <Steady key={item.id} item={item} mark={inbox.mark} more={more} />)}
  </ol>
);
