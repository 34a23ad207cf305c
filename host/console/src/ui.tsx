// The small things that every page is made of. Text always goes in as text: no component here takes HTML.
import type { ComponentChildren, JSX, RefObject } from 'preact';
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { reason } from './api';
import { t } from './text';
import type { ChannelStatus, DeliveryState, Severity } from './types';

// ---- time

const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [['year', 31_536_000], ['month', 2_592_000], ['day', 86_400], ['hour', 3_600], ['minute', 60]];
const words = new Intl.RelativeTimeFormat(t.locale.words, { numeric: 'auto', style: 'long' });
const clock = new Intl.DateTimeFormat(t.locale.times, { timeStyle: 'medium' });
const exact = new Intl.DateTimeFormat(t.locale.times, { dateStyle: 'medium', timeStyle: 'long' });

export function inWords(at: number, now: number) {
  const seconds = (at - now) / 1000;
  for (const [unit, length] of STEPS) {
    if (Math.abs(seconds) >= length) return words.format(Math.round(seconds / length), unit);
  }
  // What is to come is waited for by the second; what was is past.
  return seconds >= 1 ? words.format(Math.round(seconds), 'second') : t.common.now;
}

// One clock for all that go at the same pace: a list has hundreds.
const clocks = new Map<number, { tell: Set<(now: number) => void>; timer: number }>();
export function useNow(pace = 30_000) {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const tell = clocks.get(pace)?.tell ?? new Set();
    if (tell.size === 0) clocks.set(pace, { tell, timer: window.setInterval(() => tell.forEach((each) => each(Date.now())), pace) });
    tell.add(setNow);
    setNow(Date.now());
    return () => {
      tell.delete(setNow);
      if (tell.size > 0) return;
      clearInterval(clocks.get(pace)!.timer);
      clocks.delete(pace);
    };
  }, [pace]);
  return now;
}

// How long ago, or how long until then. `isExact`: with the date and the time beside it, where they are looked for.
export function Time({ at, isExact }: { at: string; isExact?: boolean }) {
  const then = Date.parse(at);
  const isNear = then > Date.now() && then < Date.now() + 120_000;
  const now = useNow(isNear ? 1_000 : 30_000);
  if (Number.isNaN(then)) return <span>{at}</span>;
  const said = exact.format(then);
  return <time dateTime={at} title={said}>{inWords(then, now)}{isExact && <small class="exact"> {said}</small>}</time>;
}

// Words of the daemon, with the times in them as the reader's clock has them.
export function Prose({ text }: { text: string }) {
  const parts = text.split(/(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z)/);
  return <>{parts.map((part, i) => (i % 2 === 1 && !Number.isNaN(Date.parse(part)) ? <time key={i} dateTime={part}>{exact.format(Date.parse(part))}</time> : part))}</>;
}

// Text of strangers on one line of its own: what turns the direction of what follows is taken out, as the notification
// centre's channel does, and the rest reads in its own direction.
export const plain = (text: string) => text.replaceAll(/[\u202A-\u202E\u2066-\u2069\u200E\u200F\u061C]/g, '');

// ---- severity and state: a form, a word and a colour each

const SHAPES: Record<Severity, string> = {
  critical: 'M5 1h6l4 4v6l-4 4H5l-4-4V5zM7 4v5h2V4zm0 6v2h2v-2z',
  high: 'M8 1l7.5 14H.5zM7 6v4h2V6zm0 5v2h2v-2z',
  medium: 'M8 .5L15.500 8 8 15.500.5 8zM7 4.500v4h2v-4zm0 5v2h2v-2z',
  low: 'M8 1a7 7 0 100 14A7 7 0 008 1zm0 3a4 4 0 110 8 4 4 0 010-8z',
  info: 'M8 1a7 7 0 100 14A7 7 0 008 1zM7 4h2v2H7zm0 3h2v5H7z',
};

const Icon = ({ path }: { path: string }) => (
  <svg class="icon" viewBox="0 0 16 16" aria-hidden="true" focusable="false"><path fill-rule="evenodd" d={path} /></svg>
);

export const SeverityMark = ({ severity }: { severity: Severity }) => (
  <span class={`severity ${severity}`}><Icon path={SHAPES[severity] ?? SHAPES.info} />{t.severity[severity] ?? severity}</span>
);

const GOOD = 'M8 1a7 7 0 100 14A7 7 0 008 1zm3 3.600L12.400 6 7 11.400 3.600 8 5 6.600l2 2z';
const BAD = 'M8 1a7 7 0 100 14A7 7 0 008 1zM5.500 4L8 6.500 10.500 4 12 5.500 9.500 8l2.500 2.500-1.500 1.500L8 9.500 5.500 12 4 10.500 6.500 8 4 5.500z';
const WAIT = 'M8 1a7 7 0 100 14A7 7 0 008 1zM7 4h2v4l3 2-1 1.500L7 9z';
const HALT = 'M8 1a7 7 0 100 14A7 7 0 008 1zM5 5h2v6H5zm4 0h2v6H9z';
const NOT = 'M8 1a7 7 0 100 14A7 7 0 008 1zM4 7h8v2H4z';
export type Mood = 'good' | 'bad' | 'wait' | 'halt' | 'not';
const MOODS: Record<Mood, string> = { good: GOOD, bad: BAD, wait: WAIT, halt: HALT, not: NOT };

export const Pill = ({ mood, children }: { mood: Mood; children: ComponentChildren }) => (
  <span class={`pill ${mood}`}><Icon path={MOODS[mood]} />{children}</span>
);

const DELIVERY_MOODS: Record<DeliveryState, Mood> = {
  pending: 'wait', sending: 'wait', scheduled: 'wait', delivered: 'good', accepted: 'good', failed: 'bad', cancelled: 'halt',
};
export const DeliveryPill = ({ state }: { state: DeliveryState }) => (
  <Pill mood={DELIVERY_MOODS[state] ?? 'wait'}>{t.deliveryState[state] ?? state}</Pill>
);
const CHANNEL_MOODS: Record<ChannelStatus['state'], Mood> = { ready: 'good', paused: 'halt', backing_off: 'wait', disabled: 'bad', unavailable: 'bad' };
export const ChannelPill = ({ state }: { state: ChannelStatus['state'] }) => (
  <Pill mood={CHANNEL_MOODS[state] ?? 'wait'}>{t.channelState[state] ?? state}</Pill>
);

// ---- loading

export interface Loaded<T> {
  value: T | undefined; // stays when loading it again fails
  fault: string | undefined; // why the last try failed
  at: number; // when `value` came
  reload: () => void;
  poll: () => void; // the same, but not while one is under way
  set: (value: T) => void;
}

// What `load` gives, again whenever `key` changes. An answer that comes too late is dropped.
export function useLoad<T>(key: string, load: () => Promise<T>): Loaded<T> {
  const [state, setState] = useState<{ key: string; value?: T; fault?: string | undefined; at: number }>({ key, at: 0 });
  const round = useRef(0);
  const under = useRef(0); // the round that has not been answered
  const run = useCallback(() => {
    const mine = under.current = ++round.current;
    const take = (change: { value: T } | { fault: string }) => {
      if (mine !== round.current) return;
      under.current = 0;
      setState((old) => ('value' in change ? { key, value: change.value, at: Date.now() } : old.key === key ? { ...old, ...change } : { key, at: 0, ...change }));
    };
    load().then((value) => take({ value }), (fault) => take({ fault: reason(fault) }));
  }, [key]);
  useEffect(run, [run]);
  const isFresh = state.key === key;
  return {
    value: isFresh ? state.value : undefined, fault: isFresh ? state.fault : undefined, at: isFresh ? state.at : 0, reload: run,
    poll: () => { if (under.current === 0) run(); },
    set: (value) => setState({ key, value, at: Date.now() }),
  };
}

// What was loaded stays where loading it again failed, with a line above it that says so.
export function Await<T>({ of, children }: { of: Loaded<T>; children: (value: T) => ComponentChildren }) {
  if (of.value === undefined) return of.fault === undefined ? <Skeleton /> : <Fault text={of.fault} again={of.reload} />;
  return <>{of.fault !== undefined && <Stale since={of.at} text={of.fault} again={of.reload} />}{children(of.value)}</>;
}

export const Stale = ({ since, text, again }: { since: number; text: string; again: () => void }) => (
  <div class="notice wait stale" role="status">
    <p>{t.common.notSince(clock.format(since))} {text}</p>
    <button type="button" onClick={again}>{t.errors.again}</button>
  </div>
);

export const Skeleton = () => (
  <div class="skeleton" role="status"><span class="hidden">{t.common.loading}</span><i /><i /><i /></div>
);

export const Fault = ({ text, again }: { text: string; again?: (() => void) | undefined }) => (
  <div class="notice bad" role="alert">
    <p><strong>{t.errors.title}.</strong> {text}</p>
    {again && <button type="button" onClick={again}>{t.errors.again}</button>}
  </div>
);

export const Notice = ({ mood, children }: { mood: 'good' | 'bad' | 'wait'; children: ComponentChildren }) => (
  <div class={`notice ${mood}`} role={mood === 'bad' ? 'alert' : 'status'}>{children}</div>
);

export function Page({ title, short, actions, children }: { title: string; short?: string; actions?: ComponentChildren; children: ComponentChildren }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => { document.title = `${short ?? title} · ${t.product}`; }, [short ?? title]);
  // When it opens, and never again: whoever reads the page is somewhere in it.
  useEffect(() => { if (document.activeElement === document.body) heading.current?.focus({ preventScroll: true }); }, []);
  return (
    <>
      <div class="head"><h1 ref={heading} tabIndex={-1}>{title}</h1>{actions && <div class="actions">{actions}</div>}</div>
      {children}
    </>
  );
}

// ---- forms

export function Field({ id, label, help, fault, optional, children }: {
  id: string; label: string; help?: string | undefined; fault?: string | undefined; optional?: boolean | undefined;
  children: (attributes: JSX.HTMLAttributes<any>) => ComponentChildren;
}) {
  const describedby = [help && `${id}-help`, fault && `${id}-fault`].filter(Boolean).join(' ');
  return (
    <div class="field">
      <label for={id}>{label}{optional && <small> ({t.common.optional})</small>}</label>
      {children({ id, ...(describedby ? { 'aria-describedby': describedby } : {}), ...(fault ? { 'aria-invalid': 'true' } : {}) })}
      {fault && <p class="fault" id={`${id}-fault`}>{fault}</p>}
      {help && <p class="help" id={`${id}-help`}>{help}</p>}
    </div>
  );
}

// "a\nb" as ['a', 'b'].
export const linesOf = (text: string) => text.split('\n').map((line) => line.trim()).filter(Boolean);

// Keeps the text as it is typed, or a line break could never be entered.
export function Lines({ value, set, attributes, rows = 3 }: { value: string[]; set: (value: string[]) => void; attributes: object; rows?: number }) {
  const [text, setText] = useState(value.join('\n'));
  return (
    <textarea {...attributes} rows={rows} spellcheck={false} value={text}
      onInput={(event) => {
        setText(event.currentTarget.value);
        set(linesOf(event.currentTarget.value));
      }} />
  );
}

export function Choice<T extends string>({ id, label, value, options, words, set, required }: {
  id: string; label: string; value: T | ''; options: readonly T[]; words: (option: T) => string; set: (value: T | '') => void; required?: boolean;
}) {
  return (
    <div class="choice">
      <label for={id}>{label}</label>
      <select id={id} value={value} onChange={(event) => set(event.currentTarget.value as T | '')}>
        {!required && <option value="">{t.common.any}</option>}
        {/* What the address names and is not there (any more) filters all the same: it is said. */}
        {value !== '' && !options.includes(value) && <option value={value}>{value}</option>}
        {options.map((option) => <option key={option} value={option}>{words(option)}</option>)}
      </select>
    </div>
  );
}

export function Checks<T extends string>({ legend, help, fault, value, options, words, set }: {
  legend: string; help?: string; fault?: string | undefined; value: T[]; options: readonly T[]; words: (option: T) => string; set: (value: T[]) => void;
}) {
  return (
    <fieldset class="checks">
      <legend>{legend}</legend>
      {options.map((option) => (
        <label key={option} class="check">
          <input type="checkbox" checked={value.includes(option)}
            onChange={(event) => set(event.currentTarget.checked ? options.filter((each) => each === option || value.includes(each)) : value.filter((each) => each !== option))} />
          {words(option)}
        </label>
      ))}
      {fault && <p class="fault" role="alert">{fault}</p>}
      {help && <p class="help">{help}</p>}
    </fieldset>
  );
}

// Above a form that has what was typed before a reload.
export const Restored = ({ draft }: { draft: { discard: () => void } }) => (
  <Notice mood="wait">
    <p>{t.common.draft}</p>
    <button type="button" onClick={draft.discard}>{t.common.discard}</button>
  </Notice>
);

interface BusyButtonProps extends Omit<JSX.HTMLAttributes<HTMLButtonElement>, 'onClick' | 'disabled'> {
  class?: string;
  type?: 'button' | 'submit';
  busy: boolean;
  button?: RefObject<HTMLButtonElement>;
  onClick?: () => void;
}

// A button that keeps the focus while what it began is under way. Enter in a field presses a form's one, too.
export function BusyButton({ busy, button, onClick, ...others }: BusyButtonProps) {
  return <button type="button" {...others} {...(button && { ref: button })} aria-disabled={busy} onClick={(event) => (busy ? event.preventDefault() : onClick?.())} />;
}

// Where the focus goes when what had it is gone.
const toPage = () => document.getElementById('page')?.focus({ preventScroll: true });

// Asks before it destroys, in place.
export function RemoveButton({ ask, remove, label, yes, of }: { ask: string; remove: () => void; label?: string; yes?: string; of?: string }) {
  const [asking, setAsking] = useState(false);
  const place = useRef<HTMLSpanElement>(null);
  const first = useRef<HTMLButtonElement>(null);
  const was = useRef(false);
  // On "Keep it" where it asks, and back on the button where it does not any more.
  useEffect(() => {
    if (asking !== was.current) first.current?.focus();
    was.current = asking;
  }, [asking]);
  // Of a list, its row goes with what is deleted.
  useEffect(() => () => { if (place.current?.contains(document.activeElement)) toPage(); }, []);
  return (
    <span class={asking ? 'asking' : undefined} ref={place} role={asking ? 'group' : undefined} aria-label={asking ? ask : undefined} onKeyDown={(event) => {
      if (event.key !== 'Escape' || !asking) return;
      event.stopPropagation();
      setAsking(false);
    }}>
      {asking ? (
        <>
          <span>{ask}</span>
          <button key="yes" type="button" class="danger" onClick={() => { setAsking(false); remove(); }}>{yes ?? t.common.yesRemove}</button>
          <button key="keep" type="button" ref={first} onClick={() => setAsking(false)}>{t.common.keep}</button>
        </>
      ) : <button key="ask" type="button" class="danger" ref={first} aria-label={of && `${label ?? t.common.remove} ${of}`} onClick={() => setAsking(true)}>{label ?? t.common.remove}</button>}
    </span>
  );
}

// ---- what was done, with a way back

export interface Said {
  text: string;
  undo?: (() => void) | undefined;
  bad?: boolean;
  together?: ((n: number) => string) | undefined; // how many of its kind were done, where one follows another: one way back for all
}
export type Say = (said: Said) => void;
let show: Say = () => {};
export const say: Say = (said) => show(said);

interface Shown extends Said { round: number; n: number }
const merge = (old: Shown | null, next: Said): Shown => {
  const round = (old?.round ?? 0) + 1;
  if (!old?.together || !old.undo || next.together !== old.together || !next.undo) return { ...next, round, n: 1 };
  const [first, second, n] = [old.undo, next.undo, old.n + 1];
  return { ...next, text: old.together(n), round, n, undo: () => { second(); first(); } };
};

// `home`: where the focus goes when a toast goes that had it. `hold`: who else than the page's own say() speaks here.
export function Toasts({ home, hold }: { home: () => HTMLElement | null | undefined; hold?: ((say: Say) => void) | undefined }) {
  const [said, setSaid] = useState<Shown | null>(null);
  const [isHeld, setIsHeld] = useState(false); // by the pointer or the focus: whoever is about to press a button
  useEffect(() => (hold ?? ((own) => { show = own; }))((next) => setSaid((old) => merge(old, next))), []);
  useEffect(() => {
    if (said === null || isHeld) return;
    const timer = setTimeout(() => setSaid(null), said.undo || said.bad ? 10_000 : 4_000);
    return () => clearTimeout(timer);
  }, [said, isHeld]);
  const leave = () => {
    setSaid(null);
    setIsHeld(false);
    home()?.focus();
  };
  return (
    <div class="toasts" role="status" aria-live="polite">
      {said && (
        <div class={said.bad ? 'toast bad' : 'toast'} onMouseEnter={() => setIsHeld(true)} onMouseLeave={() => setIsHeld(false)}
          onFocusIn={() => setIsHeld(true)} onFocusOut={() => setIsHeld(false)}>
          {/* Another element for the same words: they are spoken once more. */}
          <span key={said.round}>{said.text}</span>
          {said.undo && <button type="button" onClick={() => { said.undo!(); leave(); }}>{t.common.undo}</button>}
          <button type="button" aria-label={t.common.dismiss} onClick={leave}>×</button>
        </div>
      )}
    </div>
  );
}

// Spoken and not shown. The same words twice are spoken twice, since each is an element of its own.
export interface News { text: string; round: number }
export const Spoken = ({ news }: { news: News }) => (
  <p class="hidden" role="status" aria-live="polite"><span key={news.round}>{news.text}</span></p>
);

export const complain = (fault: unknown) => say({ text: reason(fault), bad: true });
