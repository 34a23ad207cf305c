// What <tocsin-inbox> shows: a bell with how many are unread, and behind it the list. The panel is no modal: the page
// stays usable; Escape and a click elsewhere close it.
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { InboxList } from '../inbox_list';
import { useInbox, viewOf, VIEWS } from '../inbox_state';
import { t } from '../text';
import type { Me } from '../types';
import { Fault, Skeleton, Spoken, Stale, Toasts, type Say } from '../ui';

const BELL = 'M8 1a1 1 0 011 1v.600A4.500 4.500 0 0112.500 7c0 3 .5 4 1.500 5H2c1-1 1.500-2 1.500-5A4.500 4.500 0 017 2.600V2a1 1 0 011-1zM6 13h4a2 2 0 01-4 0z';

export const BellIcon = () => <svg viewBox="0 0 16 16" aria-hidden="true" focusable="false"><path d={BELL} /></svg>;

const MARGIN = 8; // pixels between the panel and the edge of the screen

export interface Toggle { open: () => void; close: () => void }

interface Props { me: Me; team: string; host: HTMLElement; hold: (toggle: Toggle) => void }

export function Bell({ me, team, host, hold }: Props) {
  const [query, setQuery] = useState<Record<string, string>>({});
  const saying = useRef<Say>(() => {}); // in our own panel: the page may have others
  const inbox = useInbox(team, me.user, query, useCallback<Say>((said) => saying.current(said), []));
  const [isOpen, setIsOpen] = useState(false);
  const bell = useRef<HTMLButtonElement>(null);
  const panel = useRef<HTMLDivElement>(null);
  const unread = inbox.counts?.unread ?? 0;
  const close = (back: boolean) => {
    setIsOpen(false);
    if (back) bell.current?.focus();
  };
  useEffect(() => hold({ open: () => setIsOpen(true), close: () => close(false) }), []);
  useEffect(() => { host.dispatchEvent(new CustomEvent('tocsin-unread', { detail: { unread }, bubbles: true })); }, [unread]);
  useEffect(() => {
    if (!isOpen) return;
    panel.current?.focus();
    const outside = (event: Event) => { if (!event.composedPath().includes(host)) close(false); };
    // Wherever in it the focus is, on the bell as well.
    const escape = (event: KeyboardEvent) => {
      if (event.key !== 'Escape') return;
      event.stopPropagation();
      close(true);
    };
    document.addEventListener('pointerdown', outside);
    host.addEventListener('keydown', escape);
    return () => {
      document.removeEventListener('pointerdown', outside);
      host.removeEventListener('keydown', escape);
    };
  }, [isOpen]);
  // Wherever the bell stands, the panel is on the screen.
  useLayoutEffect(() => {
    if (!isOpen) return;
    const place = () => {
      const box = panel.current!;
      box.style.translate = '';
      const { left, right } = box.getBoundingClientRect();
      const width = document.documentElement.clientWidth;
      box.style.translate = `${Math.round(Math.max(MARGIN - left, Math.min(0, width - MARGIN - right)))}px`;
    };
    place();
    window.addEventListener('resize', place);
    return () => window.removeEventListener('resize', place);
  }, [isOpen]);
  const view = viewOf(query);
  return (
    <>
      <button ref={bell} type="button" class={inbox.up ? 'bell' : 'bell lost'} aria-expanded={isOpen} aria-haspopup="dialog"
        aria-label={unread > 0 ? `${t.inbox.title}, ${t.nav.badge(unread)}` : t.inbox.title} onClick={() => setIsOpen(!isOpen)}>
        <BellIcon />
        {unread > 0 && <span class="badge" aria-hidden="true">{unread > 99 ? '99+' : unread}</span>}
      </button>
      <Spoken news={inbox.news} />
      {isOpen && (
        <div ref={panel} class="panel" role="dialog" aria-label={t.inbox.title} tabIndex={-1}>
          <div class="top">
            <h2>{t.inbox.title}</h2>
            {view !== 'archived' && <button type="button" class="plain" disabled={unread === 0} onClick={() => void inbox.readAll()}>{t.inbox.readAll}</button>}
            <button type="button" class="plain close" aria-label={t.common.close} onClick={() => close(true)}>×</button>
            <div class="tabs" role="group" aria-label={t.filters.label}>
              {VIEWS.map((each) => <button key={each} type="button" class="plain" aria-pressed={view === each} onClick={() => setQuery({ view: each })}>{t.inbox.views[each]}</button>)}
            </div>
          </div>
          {!inbox.up && <p class="notice wait" role="status">{t.inbox.offline}</p>}
          <div class="scroll">
            {inbox.fault !== undefined && (inbox.items === undefined ? <Fault text={inbox.fault} again={inbox.reload} /> : <Stale since={inbox.at} text={inbox.fault} again={inbox.reload} />)}
            {inbox.items === undefined && inbox.fault === undefined && <Skeleton />}
            {inbox.items?.length === 0 && <p class="empty">{t.inbox.empty[view]}</p>}
            {inbox.isBelow && <button type="button" class="more" onClick={inbox.reload}>{t.inbox.newest}</button>}
            <InboxList inbox={inbox} />
            {inbox.next !== null && <button type="button" class="more" onClick={inbox.more}>{t.common.older}</button>}
          </div>
          <Toasts home={() => panel.current} hold={(say) => { saying.current = say; }} />
        </div>
      )}
    </>
  );
}
