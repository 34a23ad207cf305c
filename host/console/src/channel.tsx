// One channel: connect it, test it, change it. `name` is the channel's, or "+type" for a new one.
import { useEffect, useRef, useState } from 'preact/hooks';
import { ask, inTeam, post, reason, remove } from './api';
import { patchOf } from './changes';
import { ChannelOptions } from './channel_options';
import { CurlButton } from './copy';
import { ChannelState, loadChannels, loadTypes } from './integrations';
import { titleOfMember, Trouble, useObjectForm } from './object_form';
import { go, href } from './router';
import { SchemaFields, titleIn } from './schema_form';
import { withoutSecrets } from './secrets';
import { t } from './text';
import type { Channel, ChannelType, Json, JsonObject, TestReport } from './types';
import { Await, BusyButton, complain, Field, Lines, Notice, Page, RemoveButton, Restored, say, useLoad } from './ui';

type Draft = Pick<Channel, 'name' | 'type' | 'settings' | 'events' | 'default' | 'retry' | 'digest' | 'quiet'>;
type TestKind = 'message' | 'connection';

// What the form changes. Whether it is paused is a button of its own.
function draftOf(channel: Channel): Draft {
  const { provisioned: _, problem: __, status: ___, paused: ____, ...draft } = channel;
  return draft;
}

// The test that was asked for when a channel was made: its page goes on with it. Never in the address, or a link of
// anybody could send one.
let wanted: { channel: string; kind: TestKind } | undefined;

function Test({ team, report }: { team: string; report: TestReport }) {
  const mood = report.result === 'failed' ? 'bad' : report.result === 'waiting' ? 'wait' : 'good';
  return (
    <Notice mood={mood}>
      <p>{report.message}</p>
      {report.attempt?.response && <pre class="response" tabIndex={0}>{report.attempt.response}</pre>}
      {report.delivery && <p><a href={href([team, 'deliveries', report.delivery])}>{t.integrations.testDelivery}</a></p>}
    </Notice>
  );
}

interface FormProps { team: string; type: ChannelType | undefined; first: Channel; etag: string | null; isNew: boolean; state: string | undefined; changed: () => void }

function ChannelForm({ team, type, first, etag, isNew, state, changed }: FormProps) {
  const schema = type?.settings_schema;
  const plain = (full: Draft, saved?: Draft, standIn?: string): Draft => ({ ...full, settings: (withoutSecrets(schema, full.settings ?? {}, saved?.settings, standIn) ?? {}) as JsonObject });
  const path = isNew ? inTeam(team, 'channels') : inTeam(team, 'channels', first.name);
  const object = useObjectForm<Draft>({
    name: `${team}/channels/${isNew ? `+${first.type}` : first.name}`, path, isNew, first: draftOf(first), etag,
    read: (body) => draftOf(body as unknown as Channel), keep: plain,
  });
  const { draft: kept, busy, isDirty, faults, faultAt } = object;
  const { value: draft, set: setDraft } = kept;
  const [report, setReport] = useState<TestReport>();
  const [testing, setTesting] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  const fixed = first.provisioned || type === undefined;
  const change = (part: Partial<Draft>) => setDraft({ ...draft, ...part });
  const titleOf = ([member = '', ...rest]: string[]) => (member === 'settings' && rest.length > 0 ? titleIn(schema, rest) : titleOfMember([member, ...rest]));

  const test = async (kind: TestKind) => {
    setReport(undefined);
    setTesting(true);
    try {
      setReport(await post<TestReport>(inTeam(team, 'channels', draft.name, 'test'), { kind }));
    } catch (failed) {
      setReport({ result: 'failed', message: reason(failed) });
    }
    setTesting(false);
    changed();
  };
  // It is stored; `kind`: what was asked for after that.
  const goOn = async (stored: Draft, kind?: TestKind) => {
    if (isNew) {
      kept.forget();
      wanted = kind && { channel: `${team}/${stored.name}`, kind };
      say({ text: t.common.saved });
      return go([team, 'integrations', stored.name]);
    }
    if (kind === undefined) {
      say({ text: t.common.saved });
      return changed();
    }
    await test(kind);
  };
  const saveAnd = async (kind?: TestKind) => {
    setReport(undefined);
    if (!isDirty || fixed) return kind && test(kind);
    if (!form.current!.reportValidity()) return;
    const stored = await object.save();
    if (stored !== undefined) await goOn(stored, kind);
  };
  useEffect(() => {
    if (isNew || wanted?.channel !== `${team}/${first.name}`) return;
    const { kind } = wanted;
    wanted = undefined;
    void test(kind);
  }, []);

  return (
    <form class="form" ref={form} onSubmit={(event) => { event.preventDefault(); void saveAnd(); }}
      onInvalidCapture={(event: Event) => (event.target as Element).closest('details')?.setAttribute('open', '')}>
      {first.provisioned && <Notice mood="wait"><p>{t.common.provisionedWhy}</p></Notice>}
      {type === undefined && <Notice mood="wait"><p>{t.integrations.noType}</p></Notice>}
      {state === 'disabled' && type && (
        <Notice mood="bad">
          <p><strong>{t.integrations.disabledTitle}</strong> {t.integrations.disabledWhat}</p>
          <BusyButton busy={busy || testing} onClick={() => void saveAnd('message')}>{t.integrations.testMessage}</BusyButton>
        </Notice>
      )}
      {kept.isRestored && <Restored draft={kept} />}
      {isNew && (
        <Field id="name" label={t.common.name} help={t.common.nameHelp} fault={faultAt('/name')}>
          {(attributes) => <input {...attributes} required autocomplete="off" spellcheck={false} pattern="[a-z0-9]([a-z0-9\-]{0,61}[a-z0-9])?" value={draft.name} onInput={(event) => change({ name: event.currentTarget.value })} />}
        </Field>
      )}
      {type && (
        <fieldset class="group main">
          <legend>{t.integrations.settings}</legend>
          <SchemaFields key={kept.round} schema={type.settings_schema} value={draft.settings ?? {}} saved={kept.base.settings ?? {}} pointer="/settings" faults={faults} disabled={fixed} set={(settings) => change({ settings })} />
        </fieldset>
      )}
      <Field id="events" label={t.integrations.events} help={t.integrations.eventsHelp} fault={faultAt('/events')} optional>
        {(attributes) => <Lines key={kept.round} attributes={{ ...attributes, disabled: fixed }} value={draft.events ?? []} set={(events) => {
          const { events: _, ...others } = draft;
          setDraft(events.length ? { ...draft, events } : others);
        }} />}
      </Field>
      <div class="field">
        <label class="check"><input type="checkbox" aria-describedby="default-help" disabled={fixed} checked={draft.default === true} onChange={(event) => change({ default: event.currentTarget.checked })} /><span>{t.integrations.default}</span></label>
        <p class="help" id="default-help">{t.integrations.defaultHelp}</p>
        {faultAt('/default') && <p class="fault">{faultAt('/default')}</p>}
      </div>
      <ChannelOptions key={`options-${kept.round}`} value={draft} faults={faults} disabled={fixed} set={(options) => {
        const { retry: _, digest: __, quiet: ___, ...others } = draft;
        setDraft({ ...others, ...options });
      }} />
      <div class="sticky">
        <Trouble of={object} titleOf={titleOf} done={(stored) => void goOn(stored)} />
        {testing && <Notice mood="wait"><p>{t.integrations.testing}</p></Notice>}
        {report && <Test team={team} report={report} />}
        <div class="actions">
          {!fixed && <BusyButton type="submit" class="primary" busy={busy || testing || !isDirty}>{t.common.save}</BusyButton>}
          {type?.connection_test && <BusyButton busy={busy || testing} onClick={() => void saveAnd('connection')}>{t.integrations.testConnection}</BusyButton>}
          {type && <BusyButton busy={busy || testing} onClick={() => void saveAnd('message')}>{isDirty && !fixed ? t.integrations.saveAndTest : t.integrations.testMessage}</BusyButton>}
          {isNew && <a class="button" href={href([team, 'integrations'])} onClick={kept.forget}>{t.common.cancel}</a>}
          {!fixed && <CurlButton method={isNew ? 'POST' : 'PATCH'} path={path} body={curlBody()} />}
        </div>
      </div>
    </form>
  );

  // What is sent; where nothing was changed, all that there is.
  function curlBody(): Json {
    const { name: _, ...whole } = plain(draft, undefined, 'SECRET');
    if (isNew) return { name: draft.name, ...whole } as unknown as Json;
    const patch = patchOf(kept.base as unknown as JsonObject, plain(draft, undefined, 'SECRET') as unknown as JsonObject);
    return Object.keys(patch).length > 0 ? patch : whole as unknown as Json;
  }
}

export function ChannelPage({ team, name }: { team: string; name: string }) {
  const isNew = name.startsWith('+');
  // What the form begins with. It is asked for once: what comes in later must not change what is being typed.
  const loaded = useLoad(`${team}/${name}`, async () => {
    const types = await loadTypes();
    if (isNew) {
      const channel: Channel = { name: '', type: name.slice(1), settings: {}, provisioned: false };
      return { type: types.find((each) => each.type === channel.type), channel, etag: null };
    }
    const { body, etag } = await ask<Channel>('GET', inTeam(team, 'channels', name));
    return { type: types.find((each) => each.type === body.type), channel: body, etag };
  });
  // How it is.
  const listed = useLoad(`${team}/${name}`, async () => (isNew ? undefined : (await loadChannels(team)).find((each) => each.name === name)));
  const act = (verb: 'pause' | 'resume') => {
    post(inTeam(team, 'channels', name, verb)).then(() => {
      say({ text: verb === 'pause' ? t.integrations.pausedNow : t.integrations.resumedNow });
      listed.reload();
    }, complain);
  };
  const erase = () => {
    remove(inTeam(team, 'channels', name)).then(() => go([team, 'integrations']), complain);
  };
  const known = loaded.value;
  const now = listed.value;
  const title = isNew ? t.integrations.newTitle(known?.type?.name ?? name.slice(1)) : name;
  return (
    <Page title={title} actions={!isNew && known && (
      <>
        <a class="button" href={href([team, 'deliveries'], { channel: name })}>{t.integrations.deliveries}</a>
        {now && !now.provisioned && (now.paused
          ? <button type="button" onClick={() => act('resume')}>{t.integrations.resume}</button>
          : <button type="button" onClick={() => act('pause')}>{t.integrations.pause}</button>)}
        {!known.channel.provisioned && <RemoveButton ask={t.integrations.removeAsk(name)} remove={erase} />}
      </>
    )}>
      <p class="crumbs"><a href={href([team, 'integrations'])}>{t.integrations.title}</a></p>
      <Await of={loaded}>
        {({ type, channel, etag }) => (
          <>
            {type && <p class="intro">{type.summary}</p>}
            {now && <ChannelState channel={now} />}
            <ChannelForm team={team} type={type} first={channel} etag={etag} isNew={isNew} state={now?.status?.state} changed={listed.reload} />
          </>
        )}
      </Await>
    </Page>
  );
}
