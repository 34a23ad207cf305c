// Silences: what is held back for a while, by whom and why.
import { useEffect, useRef, useState } from 'preact/hooks';
import { ask, get, inTeam, remove } from './api';
import { CurlButton } from './copy';
import { loadChannels } from './integrations';
import { describeMatchers, MatcherFields } from './matchers';
import { titleOfMember, Trouble, useObjectForm } from './object_form';
import { go, href } from './router';
import { SilencePreview } from './rule_preview';
import { t } from './text';
import type { Channel, Json, Matchers, Silence } from './types';
import { Await, BusyButton, Checks, complain, Field, Notice, Page, Pill, RemoveButton, Restored, say, Time, useLoad } from './ui';

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
                  <p class="line">
                    <a class="strong" href={href([team, 'silences', silence.name])}>{silence.name}</a>
                    {silence.provisioned && <small class="tag">{t.common.provisioned}</small>}
                    <Pill mood={state.mood}>{state.word}</Pill>
                    {silence.from && state.mood === 'wait' && <span>{t.silences.begins} <Time at={silence.from} /></span>}
                    <span>{t.silences.until} <Time at={silence.until} /></span>
                  </p>
                  {silence.problem && <p class="fault">{silence.problem}</p>}
                  <p><span class="word">{t.silences.matches}</span> {describeMatchers(silence)}{silence.channels?.length ? ` → ${silence.channels.join(', ')}` : ''}</p>
                  {(silence.reason || silence.author) && <p class="meta">{[silence.reason, silence.author && `${t.silences.by} ${silence.author}`].filter(Boolean).join(' · ')}</p>}
                  {!silence.provisioned && (
                    <div class="actions">
                      {state.mood !== 'halt' && <button type="button" aria-label={`${t.silences.end}: ${silence.name}`} onClick={() => end(silence.name)}>{t.silences.end}</button>}
                      <RemoveButton of={silence.name} ask={t.silences.removeAsk(silence.name)} remove={() => act(remove(inTeam(team, 'silences', silence.name)), t.silences.removed)} />
                    </div>
                  )}
                </li>
              );
            })}
          </ul>
        )}
      </Await>
    </Page>
  );
}

// As <input type="datetime-local"> wants it, and back. '' where it is no time.
function localTime(at: string) {
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? '' : new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
function instant(local: string) {
  const date = new Date(local);
  return Number.isNaN(date.getTime()) ? '' : date.toISOString();
}

type Draft = Partial<Omit<Silence, 'provisioned' | 'problem' | 'until'>> & { until: string };

function draftOf(silence: Silence): Draft {
  const { provisioned: _, problem: __, ...draft } = silence;
  return draft;
}
const matchesAll = ({ category, severities, sources, events, labels }: Matchers) =>
  !category && !severities?.length && !sources?.length && !events?.length && Object.keys(labels ?? {}).length === 0;

// Before everything is silenced.
function Sure({ draft, busy, yes, no }: { draft: Draft; busy: boolean; yes: () => void; no: () => void }) {
  const back = useRef<HTMLButtonElement>(null);
  useEffect(() => back.current?.focus(), []);
  return (
    <Notice mood="bad">
      <p><strong>{t.silences.allTitle}</strong> {t.silences.allWhat(draft.channels ?? [], new Date(draft.until).toLocaleString())}</p>
      <div class="actions" onKeyDown={(event) => { if (event.key === 'Escape') no(); }}>
        <BusyButton class="danger" busy={busy} onClick={yes}>{t.silences.allYes}</BusyButton>
        <button type="button" ref={back} onClick={no}>{t.silences.allNo}</button>
      </div>
    </Notice>
  );
}

function SilenceForm({ team, first, etag, isNew, channels }: { team: string; first: Silence; etag: string | null; isNew: boolean; channels: string[] }) {
  const path = isNew ? inTeam(team, 'silences') : inTeam(team, 'silences', first.name);
  const object = useObjectForm<Draft>({
    name: `${team}/silences/${isNew ? '+' : first.name}`, path, isNew, first: draftOf(first), etag, read: (body) => draftOf(body as unknown as Silence),
  });
  const { draft: kept, busy, faults, faultAt } = object;
  const { value: draft, set: setDraft } = kept;
  const [isAsking, setIsAsking] = useState(false);
  const fixed = first.provisioned === true;
  const put = (name: keyof Draft, next: unknown) => {
    const { [name]: _, ...others } = draft;
    setDraft((next === '' || (Array.isArray(next) && next.length === 0) ? (name === 'until' ? { ...others, until: '' } : others) : { ...draft, [name]: next }) as Draft);
  };
  const done = (stored: Draft | undefined) => {
    setIsAsking(false);
    if (stored === undefined) return;
    kept.forget();
    say({ text: t.common.saved });
    go([team, 'silences']);
  };
  const save = () => void object.save().then(done);
  const submit = useRef<HTMLButtonElement>(null);
  const keepEditing = () => {
    setIsAsking(false);
    submit.current?.focus();
  };
  return (
    <div class="split">
      <form class="form" onSubmit={(event) => {
        event.preventDefault();
        if (matchesAll(draft)) setIsAsking(true);
        else save();
      }}>
        {fixed && <Notice mood="wait"><p>{t.common.provisionedWhy}</p></Notice>}
        {kept.isRestored && <Restored draft={kept} />}
        <fieldset class="bare" disabled={fixed} key={kept.round}>
          {isNew && (
            <Field id="name" label={t.common.name} help={t.common.nameHelp} fault={faultAt('/name')} optional>
              {(attributes) => <input {...attributes} autocomplete="off" spellcheck={false} value={draft.name ?? ''} onInput={(event) => put('name', event.currentTarget.value)} />}
            </Field>
          )}
          <Field id="from" label={t.silences.from} help={t.silences.fromHelp} fault={faultAt('/from')} optional>
            {(attributes) => <input {...attributes} type="datetime-local" value={draft.from ? localTime(draft.from) : ''} onInput={(event) => put('from', instant(event.currentTarget.value))} />}
          </Field>
          <Field id="until" label={t.silences.until} help={t.silences.untilHelp} fault={faultAt('/until')}>
            {(attributes) => <input {...attributes} type="datetime-local" required value={localTime(draft.until)} onInput={(event) => put('until', instant(event.currentTarget.value))} />}
          </Field>
          <Field id="reason" label={t.silences.reason} fault={faultAt('/reason')} optional>
            {(attributes) => <input {...attributes} autocomplete="off" value={draft.reason ?? ''} onInput={(event) => put('reason', event.currentTarget.value)} />}
          </Field>
          <MatcherFields value={draft} set={(matchers) => setDraft(matchers as Draft)} faults={faults} />
          <Checks legend={t.silences.onlyChannels} help={t.silences.onlyChannelsHelp} fault={faultAt('/channels')} value={draft.channels ?? []} options={channels} words={(each) => each} set={(next) => put('channels', next)} />
        </fieldset>
        <div class="sticky">
          <Trouble of={object} titleOf={titleOfMember} done={done} />
          {isAsking && matchesAll(draft) && <Sure draft={draft} busy={busy} yes={save} no={keepEditing} />}
          <div class="actions">
            {!fixed && <BusyButton type="submit" class="primary" button={submit} busy={busy}>{isNew ? t.common.create : t.common.save}</BusyButton>}
            <a class="button" href={href([team, 'silences'])} onClick={kept.forget}>{t.common.cancel}</a>
            {!fixed && <CurlButton method={isNew ? 'POST' : 'PUT'} path={path} body={draft as unknown as Json} />}
          </div>
        </div>
      </form>
      <SilencePreview team={team} matchers={draft} channel={channels[0]} />
    </div>
  );
}

// One silence, made or changed. `name` is the silence's, or "+" for a new one.
export function SilencePage({ team, name }: { team: string; name: string }) {
  const isNew = name === '+';
  const loaded = useLoad(`${team}/${name}`, async () => {
    const channels = (await loadChannels(team)).map((each: Channel) => each.name);
    if (isNew) return { channels, silence: { until: new Date(Date.now() + HOUR_MS).toISOString() } as Silence, etag: null };
    const { body, etag } = await ask<Silence>('GET', inTeam(team, 'silences', name));
    return { channels, silence: body, etag };
  });
  return (
    <Page title={isNew ? t.silences.new : name}>
      <p class="crumbs"><a href={href([team, 'silences'])}>{t.silences.title}</a></p>
      <Await of={loaded}>
        {({ channels, silence, etag }) => <SilenceForm team={team} first={silence} etag={etag} isNew={isNew} channels={channels} />}
      </Await>
    </Page>
  );
}
