// One channel: connect it, test it, change it. `name` is the channel's, or "+type" for a new one.
import { useEffect, useState } from 'preact/hooks';
import { ask, inTeam, post, reason, Refusal, remove } from './api';
import { ChannelOptions } from './channel_options';
import { CurlButton } from './copy';
import { useDraft } from './draft';
import { ChannelState, loadChannels, loadTypes } from './integrations';
import { go, href } from './router';
import { SchemaFields } from './schema_form';
import { withoutSecrets } from './secrets';
import { t } from './text';
import type { Channel, ChannelType, FieldError, Json, JsonObject, TestReport } from './types';
import { Await, complain, Field, Lines, Notice, Page, RemoveButton, Restored, say, useLoad } from './ui';

type Draft = Pick<Channel, 'name' | 'type' | 'settings' | 'events' | 'default' | 'paused' | 'retry' | 'digest' | 'quiet'>;

function draftOf(channel: Channel): Draft & Record<string, unknown> {
  const { provisioned: _, problem: __, status: ___, ...draft } = channel;
  return draft;
}

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

interface FormProps { team: string; type: ChannelType | undefined; first: Channel; etag: string | null; isNew: boolean; reload: () => void }

function ChannelForm({ team, type, first, etag, isNew, reload }: FormProps) {
  const plain = (full: ReturnType<typeof draftOf>, standIn?: string) => ({ ...full, settings: (withoutSecrets(type?.settings_schema, full.settings ?? {}, standIn) ?? {}) as JsonObject });
  const kept = useDraft(`${team}/channels/${isNew ? `+${first.type}` : first.name}`, draftOf(first), etag, plain);
  const { value: draft, set: setDraft } = kept;
  const [clean, setClean] = useState(() => JSON.stringify(draftOf(first)));
  const [saved, setSaved] = useState<string | null>();
  const version = saved ?? kept.etag;
  const [faults, setFaults] = useState<FieldError[]>([]);
  const [fault, setFault] = useState<string>();
  const [report, setReport] = useState<TestReport>();
  const [busy, setBusy] = useState(false);
  const [testing, setTesting] = useState(false);
  const fixed = first.provisioned || type === undefined;
  const isDirty = isNew || JSON.stringify(draft) !== clean;
  const change = (part: Partial<Draft>) => setDraft({ ...draft, ...part });
  const faultAt = (pointer: string) => faults.find((each) => each.pointer === pointer)?.message;

  // True: it is stored.
  const save = async () => {
    setFault(undefined);
    setFaults([]);
    setReport(undefined);
    try {
      const { body, etag: next } = isNew
        ? await ask<Channel>('POST', inTeam(team, 'channels'), draft)
        : await ask<Channel>('PUT', inTeam(team, 'channels', first.name), draft, version);
      setSaved(next);
      const stored = draftOf(body);
      setDraft(stored);
      setClean(JSON.stringify(stored));
      kept.forget();
      return true;
    } catch (failed) {
      setFault(reason(failed));
      if (failed instanceof Refusal) setFaults(failed.errors);
      return false;
    }
  };
  const test = async (kind: 'message' | 'connection') => {
    setReport(undefined);
    setTesting(true);
    try {
      setReport(await post<TestReport>(inTeam(team, 'channels', draft.name, 'test'), { kind }));
      reload();
    } catch (failed) {
      setReport({ result: 'failed', message: reason(failed) });
    }
    setTesting(false);
  };
  const then = async (work: () => Promise<unknown>) => {
    setBusy(true);
    await work();
    setBusy(false);
  };
  const saveAnd = (kind?: 'message' | 'connection') => then(async () => {
    if (isDirty && !fixed && !(await save())) return;
    if (isNew) {
      say({ text: t.common.saved });
      return go([team, 'integrations', draft.name], { test: kind });
    }
    if (kind === undefined) {
      say({ text: t.common.saved });
      return reload();
    }
    await test(kind);
  });
  useEffect(() => {
    // The page of a channel that was just made goes on with the test that was asked for.
    const wanted = /[?&]test=(message|connection)/.exec(location.hash)?.[1];
    if (isNew || wanted === undefined) return;
    history.replaceState(null, '', href([team, 'integrations', first.name]));
    void then(() => test(wanted as 'message' | 'connection'));
  }, []);

  return (
    <form class="form" onSubmit={(event) => { event.preventDefault(); void saveAnd(); }}>
      {first.provisioned && <Notice mood="wait"><p>{t.common.provisionedWhy}</p></Notice>}
      {type === undefined && <Notice mood="wait"><p>{t.integrations.noType}</p></Notice>}
      {kept.isRestored && <Restored draft={kept} />}
      {isNew && (
        <Field id="name" label={t.common.name} help={t.common.nameHelp} fault={faultAt('/name')}>
          {(attributes) => <input {...attributes} required autocomplete="off" spellcheck={false} pattern="[a-z0-9]([a-z0-9\-]{0,61}[a-z0-9])?" value={draft.name} onInput={(event) => change({ name: event.currentTarget.value })} />}
        </Field>
      )}
      {type && (
        <fieldset class="group main">
          <legend>{t.integrations.settings}</legend>
          <SchemaFields key={kept.round} schema={type.settings_schema} value={draft.settings ?? {}} pointer="/settings" faults={faults} disabled={fixed} set={(settings) => change({ settings })} />
        </fieldset>
      )}
      <Field id="events" label={t.integrations.events} help={t.integrations.eventsHelp} fault={faultAt('/events') ?? faults.find((each) => each.pointer.startsWith('/events/'))?.message} optional>
        {(attributes) => <Lines key={kept.round} attributes={{ ...attributes, disabled: fixed }} value={draft.events ?? []} set={(events) => {
          const { events: _, ...others } = draft;
          setDraft(events.length ? { ...draft, events } : others as typeof draft);
        }} />}
      </Field>
      <div class="field">
        <label class="check"><input type="checkbox" aria-describedby="default-help" disabled={fixed} checked={draft.default === true} onChange={(event) => change({ default: event.currentTarget.checked })} />{t.integrations.default}</label>
        <p class="help" id="default-help">{t.integrations.defaultHelp}</p>
        {faultAt('/default') && <p class="fault">{faultAt('/default')}</p>}
      </div>
      <ChannelOptions key={`options-${kept.round}`} value={draft} faults={faults} disabled={fixed} set={(options) => {
        const { retry: _, digest: __, quiet: ___, ...others } = draft;
        setDraft({ ...others, ...options } as typeof draft);
      }} />
      <div class="sticky">
        {fault !== undefined && <Notice mood="bad"><p>{fault}</p></Notice>}
        {testing && <Notice mood="wait"><p>{t.integrations.testing}</p></Notice>}
        {report && <Test team={team} report={report} />}
        <div class="actions">
          {!fixed && <button type="submit" class="primary" disabled={busy || !isDirty}>{t.common.save}</button>}
          {type?.connection_test && <button type="button" disabled={busy} onClick={() => void saveAnd('connection')}>{t.integrations.testConnection}</button>}
          {type && <button type="button" disabled={busy} onClick={() => void saveAnd('message')}>{isDirty && !fixed ? t.integrations.saveAndTest : t.integrations.testMessage}</button>}
          {isNew && <a class="button" href={href([team, 'integrations'])} onClick={kept.forget}>{t.common.cancel}</a>}
          {!fixed && <CurlButton method={isNew ? 'POST' : 'PUT'} path={isNew ? inTeam(team, 'channels') : inTeam(team, 'channels', first.name)} body={plain(draft, 'SECRET') as unknown as Json} />}
        </div>
      </div>
    </form>
  );
}

export function ChannelPage({ team, name }: { team: string; name: string }) {
  const isNew = name.startsWith('+');
  const loaded = useLoad(`${team}/${name}`, async () => {
    const types = await loadTypes();
    if (isNew) {
      const type = types.find((each) => each.type === name.slice(1));
      const channel: Channel = { name: '', type: name.slice(1), settings: {}, provisioned: false };
      return { type, channel, etag: null };
    }
    const { body, etag } = await ask<Channel>('GET', inTeam(team, 'channels', name));
    const status = (await loadChannels(team)).find((each) => each.name === name)?.status;
    return { type: types.find((each) => each.type === body.type), channel: { ...body, ...(status ? { status } : {}) }, etag };
  });
  const act = (verb: 'pause' | 'resume') => {
    post(inTeam(team, 'channels', name, verb)).then(() => {
      say({ text: verb === 'pause' ? t.integrations.pausedNow : t.integrations.resumedNow });
      loaded.reload();
    }, complain);
  };
  const erase = () => {
    remove(inTeam(team, 'channels', name)).then(() => go([team, 'integrations']), complain);
  };
  const known = loaded.value;
  const title = isNew ? t.integrations.newTitle(known?.type?.name ?? name.slice(1)) : name;
  return (
    <Page title={title} actions={!isNew && known && (
      <>
        <a class="button" href={href([team, 'deliveries'], { channel: name })}>{t.integrations.deliveries}</a>
        {!known.channel.provisioned && (known.channel.paused
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
            {!isNew && <ChannelState channel={channel} />}
            <ChannelForm team={team} type={type} first={channel} etag={etag} isNew={isNew} reload={loaded.reload} />
          </>
        )}
      </Await>
    </Page>
  );
}
