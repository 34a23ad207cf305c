// The small things that every page is made of. Text always goes in as text: no component here takes HTML.
import type { ComponentChildren, JSX } from 'preact';
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { reason } from './api';
import { t } from './text';
import type { ChannelStatus, DeliveryState, Severity } from './types';

// ---- time

const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [['year', 31_536_000], ['month', 2_592_000], ['day', 86_400], ['hour', 3_600], ['minute', 60]];
const words = new Intl.RelativeTimeFormat('en', { numeric: 'auto', style: 'long' });
const exact = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'long' });

export function inWords(at: number, now: number) {
  const seconds = (at - now) / 1000;
  for (const [unit, length] of STEPS) {
    if (Math.abs(seconds) >= length) return words.format(Math.round(seconds / length), unit);
  }
  return t.common.now;
}

// One clock for all of them: a list has hundreds.
const clocks = new Set<(now: number) => void>();
let ticking = 0;
export function useNow() {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    clocks.add(setNow);
    ticking ||= window.setInterval(() => clocks.forEach((tell) => tell(Date.now())), 30_000);
    return () => {
      clocks.delete(setNow);
      if (clocks.size > 0) return;
      clearInterval(ticking);
      ticking = 0;
    };
  }, []);
  return now;
}

export function Time({ at }: { at: string }) {
  const now = useNow();
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return <span>{at}</span>;
  return <time dateTime={at} title={exact.format(date)}>{inWords(date.getTime(), now)}</time>;
}

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
type Mood = 'good' | 'bad' | 'wait' | 'halt' | 'not';
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

export interface Loaded<T> { value: T | undefined; fault: string | undefined; reload: () => void; set: (value: T) => void }

// What `load` gives, again whenever `key` changes. An answer that comes too late is dropped.
export function useLoad<T>(key: string, load: () => Promise<T>): Loaded<T> {
  const [state, setState] = useState<{ key: string; value?: T; fault?: string }>({ key });
  const round = useRef(0);
  const run = useCallback(() => {
    const mine = ++round.current;
    load().then(
      (value) => mine === round.current && setState({ key, value }),
      (fault) => mine === round.current && setState({ key, fault: reason(fault) }),
    );
  }, [key]);
  useEffect(run, [run]);
  const fresh = state.key === key;
  return { value: fresh ? state.value : undefined, fault: fresh ? state.fault : undefined, reload: run, set: (value) => setState({ key, value }) };
}

export function Await<T>({ of, children }: { of: Loaded<T>; children: (value: T) => ComponentChildren }) {
  if (of.fault !== undefined) return <Fault text={of.fault} again={of.reload} />;
  if (of.value === undefined) return <Skeleton />;
  return <>{children(of.value)}</>;
}

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
  useEffect(() => {
    document.title = `${short ?? title} · ${t.product}`;
    if (document.activeElement === document.body) heading.current?.focus({ preventScroll: true });
  }, [short ?? title]);
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

// Asks before it destroys, in place.
export function RemoveButton({ ask, remove, label, yes, of }: { ask: string; remove: () => void; label?: string; yes?: string; of?: string }) {
  const [asking, setAsking] = useState(false);
  const keep = useRef<HTMLButtonElement>(null);
  useEffect(() => { if (asking) keep.current?.focus(); }, [asking]);
  if (!asking) return <button type="button" class="danger" aria-label={of && `${label ?? t.common.remove} ${of}`} onClick={() => setAsking(true)}>{label ?? t.common.remove}</button>;
  return (
    <span class="asking" role="group" aria-label={ask}>
      <span>{ask}</span>
      <button type="button" class="danger" onClick={() => { setAsking(false); remove(); }}>{yes ?? t.common.yesRemove}</button>
      <button type="button" ref={keep} onClick={() => setAsking(false)}>{t.common.keep}</button>
    </span>
  );
}

// ---- what was done, with a way back

export interface Said { text: string; undo?: (() => void) | undefined; bad?: boolean }
let show = (_said: Said) => {};
export const say = (said: Said) => show(said);

// `home`: where the focus goes when a toast goes that had it.
export function Toasts({ home }: { home: () => HTMLElement | null | undefined }) {
  const [said, setSaid] = useState<Said | null>(null);
  const timer = useRef(0);
  useEffect(() => {
    show = (next) => {
      clearTimeout(timer.current);
      setSaid(next);
      timer.current = window.setTimeout(() => setSaid(null), next.undo || next.bad ? 10_000 : 4_000);
    };
  }, []);
  const leave = () => {
    setSaid(null);
    home()?.focus();
  };
  return (
    <div class="toasts" role="status" aria-live="polite">
      {said && (
        <div class={said.bad ? 'toast bad' : 'toast'}>
          <span>{said.text}</span>
          {said.undo && <button type="button" onClick={() => { said.undo!(); leave(); }}>{t.common.undo}</button>}
          <button type="button" aria-label={t.common.dismiss} onClick={leave}>×</button>
        </div>
      )}
    </div>
  );
}

export const complain = (fault: unknown) => say({ text: reason(fault), bad: true });
