// Where an event would go now: nothing is stored and nothing is sent.
import { useState } from 'preact/hooks';
import { get, inTeam, post, reason } from './api';
import { useDraft } from './draft';
import { Findings } from './findings';
import { t } from './text';
import { SEVERITIES, type EventType, type Explanation, type Severity } from './types';
import { Choice, Field, Notice, useLoad } from './ui';

interface Draft { type: string; severity: Severity | ''; source: string }

export function Rehearsal({ team }: { team: string }) {
  const types = useLoad('types', async () => (await get<{ event_types: EventType[] }>('/v1/event-types')).event_types.map((each) => each.name));
  const { value, set } = useDraft<Draft>(`${team}/rehearsal`, { type: 'finding.created', severity: 'critical', source: '' });
  const { type, severity, source } = value;
  const [would, setWould] = useState<Explanation>();
  const [fault, setFault] = useState<string>();
  const look = () => {
    setFault(undefined);
    setWould(undefined);
    post<Explanation>(inTeam(team, 'rules', 'dry-run'), { type, ...(severity ? { severity } : {}), ...(source ? { source } : {}) })
      .then(setWould, (failed) => setFault(reason(failed)));
  };
  return (
    <section aria-labelledby="rehearsal">
      <h2 id="rehearsal">{t.rehearsal.title}</h2>
      <p class="intro">{t.rehearsal.intro}</p>
      <form class="filters" onSubmit={(event) => { event.preventDefault(); look(); }}>
        <Choice id="try-type" label={t.filters.type} value={type} options={types.value ?? [type]} words={(each) => each} set={(next) => set({ ...value, type: next })} />
        <Choice id="try-severity" label={t.filters.severity} value={severity} options={SEVERITIES} words={(each) => t.severity[each]} set={(next) => set({ ...value, severity: next })} />
        <Field id="try-source" label={t.event.source} optional>
          {(attributes) => <input {...attributes} autocomplete="off" spellcheck={false} value={source} onInput={(event) => set({ ...value, source: event.currentTarget.value })} />}
        </Field>
        <button type="submit" disabled={type === ''}>{t.rehearsal.button}</button>
      </form>
      {fault !== undefined && <Notice mood="bad"><p>{fault}</p></Notice>}
      {would && (
        <>
          <Notice mood={would.channels.length > 0 ? 'good' : 'wait'}><p>{would.channels.length > 0 ? t.rehearsal.goes(would.channels) : t.event.unmatched}</p></Notice>
          <Findings team={team} findings={would.findings} />
        </>
      )}
    </section>
  );
}
