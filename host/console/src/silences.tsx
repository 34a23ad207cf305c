// Silences: what is held back for a while, by whom and why.
import { useState } from 'preact/hooks';
import { ask, get, inTeam, reason, Refusal, remove } from './api';
import { loadChannels } from './integrations';
import { describeMatchers, MatcherFields } from './matchers';
import { go, href } from './router';
import { t } from './text';
import type { FieldError, Matchers, Silence } from './types';
import { Await, Checks, complain, Field, Notice, Page, Pill, RemoveButton, say, Time, useLoad } from './ui';

const HOUR_MS = 3_600_000;

function stateOf(silence: Silence, now: number) {
  if (Date.parse(silence.until) <= now) return { mood: 'halt', word: t.silences.over } as const;
  if (silence.from && Date.parse(silence.from) > now) return { mood: 'wait', word: t.silences.later } as const;
  return { mood: 'good', word: t.silences.active } as const;
}

export function Silences({ team }: { team: string }) {
  const loaded = useLoad(team, async () => (await get<{ silences: Silence[] }>(inTeam(team, 'silences'))).silences);
  const act = (work: Promise<unknown>, text: string) => {
    work.then(() => {
      say({ text });
      loaded.reload();
    }, complain);
  };
  const end = (name: string) => act(ask('PATCH', inTeam(team, 'silences', name), { until: new Date().toISOString() }), t.silences.ended);
  return (
    <Page title={t.silences.title} actions={<a class="button primary" href={href([team, 'silences', '+'])}>{t.silences.new}</a>}>
      <p class="intro">{t.silences.intro}</p>
      <Await of={loaded}>
        {(silences) => silences.length === 0 ? <p class="empty">{t.silences.empty}</p> : (
          <ul class="rows">
            {silences.map((silence) => {
              const state = stateOf(silence, Date.now());
              return (
                <li key={silence.name}>
                  <p class="line"><strong>{silence.name}</strong> <Pill mood={state.mood}>{state.word}</Pill> <span>{t.silences.until} <Time at={silence.until} /></span></p>
                  <p><span class="word">{t.silences.matches}</span> {describeMatchers(silence)}{silence.channels?.length ? ` → ${silence.channels.join(', ')}` : ''}</p>
                  {(silence.reason || silence.author) && <p class="meta">{[silence.reason, silence.author && `${t.silences.by} ${silence.author}`].filter(Boolean).join(' · ')}</p>}
                  <div class="actions">
                    {state.word !== t.silences.over && <button type="button" onClick={() => end(silence.name)}>{t.silences.end}</button>}
                    <RemoveButton ask={t.silences.removeAsk(silence.name)} remove={() => act(remove(inTeam(team, 'silences', silence.name)), t.silences.ended)} />
                  </div>
                </li>
              );
            })}
          </ul>
        )}
      </Await>
    </Page>
  );
}

// As <input type="datetime-local"> wants it.
function localTime(at: Date) {
  const local = new Date(at.getTime() - at.getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 16);
}

export function SilencePage({ team }: { team: string }) {
  const channels = useLoad(team, async () => (await loadChannels(team)).map((each) => each.name));
  const [matchers, setMatchers] = useState<Matchers>({});
  const [until, setUntil] = useState(() => localTime(new Date(Date.now() + HOUR_MS)));
  const [why, setWhy] = useState('');
  const [only, setOnly] = useState<string[]>([]);
  const [faults, setFaults] = useState<FieldError[]>([]);
  const [fault, setFault] = useState<string>();
  const faultAt = (pointer: string) => faults.find((each) => each.pointer === pointer)?.message;
  const save = async () => {
    setFault(undefined);
    setFaults([]);
    try {
      await ask('POST', inTeam(team, 'silences'), { ...matchers, until: new Date(until).toISOString(), ...(why ? { reason: why } : {}), ...(only.length ? { channels: only } : {}) });
      say({ text: t.common.saved });
      go([team, 'silences']);
    } catch (failed) {
      setFault(reason(failed));
      if (failed instanceof Refusal) setFaults(failed.errors);
    }
  };
  return (
    <Page title={t.silences.new}>
      <p class="crumbs"><a href={href([team, 'silences'])}>{t.silences.title}</a></p>
      <form class="form" onSubmit={(event) => { event.preventDefault(); void save(); }}>
        <Field id="until" label={t.silences.until} help={t.silences.untilHelp} fault={faultAt('/until')}>
          {(attributes) => <input {...attributes} type="datetime-local" required value={until} onInput={(event) => setUntil(event.currentTarget.value)} />}
        </Field>
        <Field id="reason" label={t.silences.reason} optional>
          {(attributes) => <input {...attributes} autocomplete="off" value={why} onInput={(event) => setWhy(event.currentTarget.value)} />}
        </Field>
        <MatcherFields value={matchers} set={setMatchers} faults={faults} />
        {channels.value && <Checks legend={t.silences.onlyChannels} help={t.silences.onlyChannelsHelp} value={only} options={channels.value} words={(each) => each} set={setOnly} />}
        <div class="sticky">
          {fault !== undefined && <Notice mood="bad"><p>{fault}</p></Notice>}
          <div class="actions">
            <button type="submit" class="primary">{t.common.create}</button>
            <a class="button" href={href([team, 'silences'])}>{t.common.cancel}</a>
          </div>
        </div>
      </form>
    </Page>
  );
}
