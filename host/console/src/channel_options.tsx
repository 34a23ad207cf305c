// How a channel of any type delivers: digests, retries and quiet hours. Members of the channel beside its settings.
import { useState } from 'preact/hooks';
import { Fold } from './schema_form';
import { t } from './text';
import { SEVERITIES, type Digest, type FieldError, type Quiet } from './types';
import { Checks, Field, Lines } from './ui';

export interface Options { retry?: string[]; digest?: Digest; quiet?: Quiet[] }

const DAYS: NonNullable<Quiet['days']> = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
const here = Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC';
const zones: string[] = Intl.supportedValuesOf?.('timeZone') ?? [];

function Zone({ id, value, fault, set, disabled }: { id: string; value: string | undefined; fault: string | undefined; set: (zone: string | undefined) => void; disabled: boolean }) {
  return (
    <Field id={id} label={t.options.zone} help={t.options.zoneHelp} fault={fault} optional>
      {(attributes) => (
        <>
          <input {...attributes} list={`${id}-list`} autocomplete="off" spellcheck={false} disabled={disabled} placeholder="UTC" value={value ?? ''} onInput={(event) => set(event.currentTarget.value || undefined)} />
          <datalist id={`${id}-list`}>{zones.map((zone) => <option key={zone} value={zone} />)}</datalist>
        </>
      )}
    </Field>
  );
}

const Clock = ({ id, label, value, fault, set, disabled }: { id: string; label: string; value: string; fault?: string | undefined; set: (time: string) => void; disabled: boolean }) => (
  <Field id={id} label={label} fault={fault}>
    {(attributes) => <input {...attributes} type="time" required disabled={disabled} value={value} onInput={(event) => set(event.currentTarget.value)} />}
  </Field>
);

const KINDS = ['none', '15m', 'hourly', 'daily', 'other'] as const;
type Kind = (typeof KINDS)[number];
const kindOf = (digest: Digest | undefined): Kind => (digest === undefined ? 'none' : typeof digest === 'object' ? 'daily' : digest === '15m' || digest === 'hourly' ? digest : 'other');

function DigestFields({ value, faultAt, set, disabled }: { value: Digest | undefined; faultAt: (at: string) => string | undefined; set: (digest: Digest | undefined) => void; disabled: boolean }) {
  const [kind, setKind] = useState(kindOf(value));
  const choose = (next: Kind) => {
    setKind(next);
    set(next === 'none' ? undefined : next === 'daily' ? { daily: '08:00', zone: here } : next === 'other' ? '30m' : next);
  };
  return (
    <>
      <Field id="digest" label={t.options.digest} help={t.options.digestHelp} fault={faultAt('/digest')}>
        {(attributes) => (
          <select {...attributes} disabled={disabled} value={kind} onChange={(event) => choose(event.currentTarget.value as Kind)}>
            {KINDS.map((each) => <option key={each} value={each}>{t.options.digests[each]}</option>)}
          </select>
        )}
      </Field>
      {kind === 'other' && (
        <Field id="digest-other" label={t.options.digestLength} help={t.options.digestLengthHelp}>
          {(attributes) => <input {...attributes} autocomplete="off" disabled={disabled} value={typeof value === 'string' ? value : ''} onInput={(event) => set(event.currentTarget.value)} />}
        </Field>
      )}
      {typeof value === 'object' && (
        <>
          <Clock id="digest-daily" label={t.options.daily} value={value.daily} fault={faultAt('/digest/daily')} disabled={disabled} set={(daily) => set({ ...value, daily })} />
          <Zone id="digest-zone" value={value.zone} fault={faultAt('/digest/zone')} disabled={disabled} set={(zone) => set(zone ? { ...value, zone } : { daily: value.daily })} />
        </>
      )}
    </>
  );
}

function QuietFields({ value, at, faultAt, set, remove, disabled }: { value: Quiet; at: number; faultAt: (at: string) => string | undefined; set: (quiet: Quiet) => void; remove: () => void; disabled: boolean }) {
  const fault = (name: string) => faultAt(`/quiet/${at}/${name}`);
  const put = (name: keyof Quiet, next: Quiet[keyof Quiet]) => {
    const { [name]: _, ...others } = value;
    set((next === undefined ? others : { ...value, [name]: next }) as Quiet);
  };
  return (
    <fieldset class="group">
      <legend>{t.options.quietNumber(at + 1)}</legend>
      <div class="row">
        <Clock id={`quiet-${at}-from`} label={t.options.from} value={value.from} fault={fault('from')} disabled={disabled} set={(from) => put('from', from)} />
        <Clock id={`quiet-${at}-to`} label={t.options.to} value={value.to} fault={fault('to')} disabled={disabled} set={(to) => put('to', to)} />
      </div>
      <Zone id={`quiet-${at}-zone`} value={value.zone} fault={fault('zone')} disabled={disabled} set={(zone) => put('zone', zone)} />
      <div class="row">
        <Checks legend={t.options.days} help={t.options.daysHelp} fault={fault('days')} value={value.days ?? []} options={DAYS} words={(day) => t.options.day[day] ?? day} set={(days) => put('days', days.length ? days : undefined)} />
        <Checks legend={t.options.bypass} help={t.options.bypassHelp} fault={fault('bypass')} value={value.bypass ?? ['critical']} options={SEVERITIES} words={(each) => t.severity[each]} set={(bypass) => put('bypass', bypass)} />
      </div>
      <button type="button" disabled={disabled} aria-label={`${t.common.remove}: ${t.options.quietNumber(at + 1)}`} onClick={remove}>{t.common.remove}</button>
    </fieldset>
  );
}

export function ChannelOptions({ value, faults, set, disabled }: { value: Options; faults: FieldError[]; set: (value: Options) => void; disabled: boolean }) {
  const faultAt = (pointer: string) => faults.find((each) => each.pointer === pointer)?.message ?? (pointer.split('/').length === 2 ? faults.find((each) => each.pointer.startsWith(`${pointer}/`))?.message : undefined);
  const put = <Name extends keyof Options>(name: Name, next: Options[Name] | undefined) => {
    const { [name]: _, ...others } = value;
    set(next === undefined ? others : { ...value, [name]: next });
  };
  const quiet = value.quiet ?? [];
  const isUsed = value.retry !== undefined || value.digest !== undefined || quiet.length > 0;
  return (
    <Fold title={t.options.title} isUsed={isUsed || faults.some((each) => /^\/(quiet|retry|digest)/.test(each.pointer))}>
      <DigestFields value={value.digest} faultAt={faultAt} disabled={disabled} set={(digest) => put('digest', digest)} />
      <Field id="retry" label={t.options.retry} help={t.options.retryHelp} fault={faultAt('/retry')} optional>
        {(attributes) => <Lines attributes={{ ...attributes, disabled }} value={value.retry ?? []} set={(lines) => put('retry', lines.length ? lines : undefined)} />}
      </Field>
      <p class="strong">{t.options.quiet}</p>
      <p class="help">{t.options.quietHelp}</p>
      {quiet.map((each, i) => (
        <QuietFields key={i} at={i} value={each} faultAt={faultAt} disabled={disabled} set={(next) => put('quiet', quiet.map((old, k) => (k === i ? next : old)))}
          remove={() => put('quiet', quiet.length > 1 ? quiet.filter((_, k) => k !== i) : undefined)} />
      ))}
      {quiet.length < 10 && <button type="button" disabled={disabled} onClick={() => put('quiet', [...quiet, { from: '22:00', to: '07:00', zone: here }])}>{t.options.addQuiet}</button>}
    </Fold>
  );
}
