// One rule, made or changed. `name` is the rule's, or "+" for a new one.
import { useState } from 'preact/hooks';
import { ask, inTeam, reason, Refusal, remove } from './api';
import { CurlButton } from './copy';
import { useDraft } from './draft';
import { loadChannels } from './integrations';
import { MatcherFields } from './matchers';
import { Preview } from './rule_preview';
import { go, href } from './router';
import { t } from './text';
import type { Category, Channel, FieldError, JsonObject, Rule, Severity } from './types';
import { Await, Checks, complain, Field, Notice, Page, RemoveButton, Restored, say, useLoad } from './ui';

function bodyOf(rule: Rule) {
  const { provisioned: _, problem: __, ...body } = rule;
  return body as unknown as JsonObject;
}

function RuleForm({ team, first, etag, isNew, channels }: { team: string; first: Rule; etag: string | null; isNew: boolean; channels: string[] }) {
  const kept = useDraft(`${team}/rules/${isNew ? '+' : first.name}`, first, etag, (value) => value);
  const { value: rule, set: setRule } = kept;
  const [faults, setFaults] = useState<FieldError[]>([]);
  const [fault, setFault] = useState<string>();
  const [busy, setBusy] = useState(false);
  const faultAt = (pointer: string) => faults.find((each) => each.pointer === pointer || each.pointer.startsWith(`${pointer}/`))?.message;
  const save = async () => {
    setBusy(true);
    setFault(undefined);
    setFaults([]);
    try {
      const body = bodyOf(rule);
      if (isNew) await ask('POST', inTeam(team, 'rules'), body);
      else await ask('PUT', inTeam(team, 'rules', first.name), body, kept.etag);
      kept.forget();
      say({ text: t.common.saved });
      go([team, 'rules']);
    } catch (failed) {
      setFault(reason(failed));
      if (failed instanceof Refusal) setFaults(failed.errors);
    }
    setBusy(false);
  };
  return (
    <div class="split">
      <form class="form" onSubmit={(event) => { event.preventDefault(); void save(); }}>
        {first.provisioned && <Notice mood="wait"><p>{t.common.provisionedWhy}</p></Notice>}
        {kept.isRestored && <Restored draft={kept} />}
        <fieldset class="bare" disabled={first.provisioned} key={kept.round}>
          {isNew && (
            <Field id="name" label={t.common.name} help={t.common.nameHelp} fault={faultAt('/name')}>
              {(attributes) => <input {...attributes} required autocomplete="off" spellcheck={false} value={rule.name} onInput={(event) => setRule({ ...rule, name: event.currentTarget.value })} />}
            </Field>
          )}
          <MatcherFields value={rule} faults={faults} set={(matchers) => setRule(matchers as Rule)} />
          {channels.length === 0
            ? <Notice mood="wait"><p><a href={href([team, 'integrations'])}>{t.rules.noChannels}</a></p></Notice>
            : <Checks legend={t.rules.channels} fault={faultAt('/channels')} value={rule.channels} options={channels} words={(each) => each} set={(next) => setRule({ ...rule, channels: next })} />}
          <label class="check"><input type="checkbox" checked={rule.stop === true} onChange={(event) => setRule({ ...rule, stop: event.currentTarget.checked })} />{t.rules.stop}</label>
        </fieldset>
        <div class="sticky">
          {fault !== undefined && <Notice mood="bad"><p>{fault}</p></Notice>}
          <div class="actions">
            {!first.provisioned && <button type="submit" class="primary" disabled={busy}>{isNew ? t.common.create : t.common.save}</button>}
            <a class="button" href={href([team, 'rules'])} onClick={kept.forget}>{t.common.cancel}</a>
            {!first.provisioned && <CurlButton method={isNew ? 'POST' : 'PUT'} path={isNew ? inTeam(team, 'rules') : inTeam(team, 'rules', first.name)} body={bodyOf(rule)} />}
          </div>
        </div>
      </form>
      <Preview team={team} rule={rule} />
    </div>
  );
}

// The one that most teams begin with. Where there is one channel that reaches somebody, it is that one.
function exampleFor(channels: Channel[]): Rule {
  const candidates = channels.filter((each) => each.type !== 'in_app' && each.default !== true);
  const severities: Severity[] = ['critical', 'high'];
  const category: Category = 'security_alert';
  return { name: t.rules.exampleName, category, severities, channels: candidates.length === 1 ? [candidates[0]!.name] : [], provisioned: false };
}

export function RulePage({ team, name, query }: { team: string; name: string; query: Record<string, string> }) {
  const isNew = name === '+';
  const loaded = useLoad(`${team}/${name}`, async () => {
    const all = await loadChannels(team);
    const channels = all.map((each) => each.name);
    if (isNew) return { channels, rule: query.example ? exampleFor(all) : { name: '', channels: [], provisioned: false } as Rule, etag: null };
    const { body, etag } = await ask<Rule>('GET', inTeam(team, 'rules', name));
    return { channels, rule: body, etag };
  });
  const erase = () => {
    remove(inTeam(team, 'rules', name)).then(() => go([team, 'rules']), complain);
  };
  return (
    <Page title={isNew ? t.rules.new : name} actions={!isNew && loaded.value?.rule.provisioned === false && <RemoveButton ask={t.rules.removeAsk(name)} remove={erase} />}>
      <p class="crumbs"><a href={href([team, 'rules'])}>{t.rules.title}</a></p>
      <Await of={loaded}>
        {({ channels, rule, etag }) => <RuleForm team={team} first={rule} etag={etag} isNew={isNew} channels={channels} />}
      </Await>
    </Page>
  );
}
