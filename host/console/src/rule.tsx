// One rule, made or changed. `name` is the rule's, or "+" for a new one.
import { ask, inTeam, remove } from './api';
import { CurlButton } from './copy';
import { loadChannels } from './integrations';
import { MatcherFields } from './matchers';
import { titleOfMember, Trouble, useObjectForm } from './object_form';
import { Preview } from './rule_preview';
import { go, href } from './router';
import { t } from './text';
import type { Category, Channel, JsonObject, Rule, Severity } from './types';
import { Await, BusyButton, Checks, complain, Field, Notice, Page, RemoveButton, Restored, say, useLoad } from './ui';

type Draft = Omit<Rule, 'provisioned' | 'problem'>;

function draftOf(rule: Rule): Draft {
  const { provisioned: _, problem: __, ...draft } = rule;
  return draft;
}

function RuleForm({ team, first, etag, isNew, channels }: { team: string; first: Rule; etag: string | null; isNew: boolean; channels: string[] }) {
  const path = isNew ? inTeam(team, 'rules') : inTeam(team, 'rules', first.name);
  const object = useObjectForm<Draft>({
    name: `${team}/rules/${isNew ? '+' : first.name}`, path, isNew, first: draftOf(first), etag, read: (body) => draftOf(body as unknown as Rule),
  });
  const { draft: kept, busy, faults, faultAt } = object;
  const { value: rule, set: setRule } = kept;
  const done = (stored: Draft | undefined) => {
    if (stored === undefined) return;
    kept.forget();
    say({ text: t.common.saved });
    go([team, 'rules']);
  };
  return (
    <div class="split">
      <form class="form" onSubmit={(event) => { event.preventDefault(); void object.save().then(done); }}>
        {first.provisioned && <Notice mood="wait"><p>{t.common.provisionedWhy}</p></Notice>}
        {kept.isRestored && <Restored draft={kept} />}
        <fieldset class="bare" disabled={first.provisioned} key={kept.round}>
          {isNew && (
            <Field id="name" label={t.common.name} help={t.common.nameHelp} fault={faultAt('/name')}>
              {(attributes) => <input {...attributes} required autocomplete="off" spellcheck={false} value={rule.name} onInput={(event) => setRule({ ...rule, name: event.currentTarget.value })} />}
            </Field>
          )}
          <MatcherFields value={rule} faults={faults} set={(matchers) => setRule(matchers as Draft)} />
          {channels.length === 0
            ? <Notice mood="wait"><p><a href={href([team, 'integrations'])}>{t.rules.noChannels}</a></p></Notice>
            : <Checks legend={t.rules.channels} fault={faultAt('/channels')} value={rule.channels} options={channels} words={(each) => each} set={(next) => setRule({ ...rule, channels: next })} />}
          <label class="check"><input type="checkbox" checked={rule.stop === true} onChange={(event) => setRule({ ...rule, stop: event.currentTarget.checked })} />{t.rules.stop}</label>
        </fieldset>
        <div class="sticky">
          <Trouble of={object} titleOf={titleOfMember} done={done} />
          <div class="actions">
            {!first.provisioned && <BusyButton type="submit" class="primary" busy={busy}>{isNew ? t.common.create : t.common.save}</BusyButton>}
            <a class="button" href={href([team, 'rules'])} onClick={kept.forget}>{t.common.cancel}</a>
            {!first.provisioned && <CurlButton method={isNew ? 'POST' : 'PUT'} path={path} body={rule as unknown as JsonObject} />}
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
