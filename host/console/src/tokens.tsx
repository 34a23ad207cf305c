// Tokens: who may call the API. A token is shown once, right after it was made.
import { useState } from 'preact/hooks';
import { ask, get, reason, Refusal, remove } from './api';
import { CopyButton } from './copy';
import { useDraft } from './draft';
import { Refused } from './object_form';
import { t } from './text';
import type { FieldError, MadeToken, Me, Role, Scope, Token } from './types';
import { Await, Checks, complain, Field, Notice, Page, Pill, RemoveButton, Restored, say, Time, useLoad } from './ui';

const DAY_MS = 86_400_000;
const LIVES = [30, 90, 365] as const;

// What a role may unasked, and what a token of it may be given besides; docs/api.md has the table. The host checks it
// again: this is what the form offers.
const OF_ROLE: Record<Role, { has: Scope[]; besides: Scope[] }> = {
  service: { has: ['push_events', 'read_events', 'read_catalogue'], besides: [] },
  member: { has: ['read_inbox', 'read_catalogue'], besides: ['read_events', 'manage_integrations', 'read_audit'] },
  admin: { has: ['push_events', 'read_events', 'read_inbox', 'read_catalogue', 'manage_integrations', 'read_audit', 'manage_tokens'], besides: [] },
  operator: {
    has: ['push_events', 'read_events', 'read_inbox', 'read_catalogue', 'manage_integrations', 'read_audit', 'manage_tokens', 'read_plugins', 'manage_plugins', 'read_audit_of_all', 'manage_keys', 'let_others_in'],
    besides: [],
  },
};
const isSame = (a: Scope[], b: Scope[]) => a.length === b.length && a.every((each) => b.includes(each));

function stateOf(token: Token) {
  if (token.revoked) return { mood: 'halt', word: t.tokens.revoked } as const;
  if (token.expires && Date.parse(token.expires) <= Date.now()) return { mood: 'halt', word: t.tokens.expired } as const;
  return { mood: 'good', word: t.tokens.inForce } as const;
}

function Made({ token, done }: { token: MadeToken; done: () => void }) {
  return (
    <Notice mood="good">
      <p><strong>{t.tokens.made(token.name)}</strong> {t.tokens.once}</p>
      <pre tabIndex={0} class="secret">{token.token}</pre>
      <div class="actions">
        <CopyButton text={token.token}>{t.tokens.copy}</CopyButton>
        <button type="button" onClick={done}>{t.tokens.kept}</button>
      </div>
    </Notice>
  );
}

interface Draft { name: string; role: Role; scopes: Scope[]; user: string; days: number }

function TokenForm({ me, team, made }: { me: Me; team: string; made: (token: MadeToken) => void }) {
  const roles: Role[] = me.role === 'operator' ? ['service', 'member', 'admin', 'operator'] : ['service', 'member', 'admin'];
  // Nobody gives what they have not.
  const given = (of: Role) => OF_ROLE[of].has.filter((each) => me.permissions.includes(each));
  const kept = useDraft<Draft>(`${team}/tokens/+`, { name: '', role: 'service', scopes: given('service'), user: '', days: 90 });
  const { name, role, scopes, user, days } = kept.value;
  const change = (part: Partial<Draft>) => kept.set({ ...kept.value, ...part });
  const options = [...OF_ROLE[role].has, ...OF_ROLE[role].besides].filter((each) => me.permissions.includes(each));
  const choose = (next: Role) => change({ role: next, scopes: given(next) });
  const [faults, setFaults] = useState<FieldError[]>([]);
  const [fault, setFault] = useState<string>();
  const faultAt = (pointer: string) => faults.find((each) => each.pointer === pointer || each.pointer.startsWith(`${pointer}/`))?.message;
  const save = async () => {
    setFault(undefined);
    setFaults([]);
    if (scopes.length === 0) {
      setFaults([{ pointer: '/scopes', message: t.tokens.nothing }]);
      setFault(t.tokens.nothing);
      return;
    }
    try {
      const { body } = await ask<MadeToken>('POST', '/v1/tokens', {
        name, role, ...(role === 'operator' ? {} : { teams: [team] }), ...(user && role !== 'service' ? { user } : {}),
        ...(isSame(scopes, OF_ROLE[role].has) ? {} : { scopes }),
        ...(days > 0 ? { expires: new Date(Date.now() + days * DAY_MS).toISOString() } : {}),
      });
      kept.set({ ...kept.value, name: '', user: '' });
      kept.forget();
      made(body);
    } catch (failed) {
      setFault(reason(failed));
      if (failed instanceof Refusal) setFaults(failed.errors);
    }
  };
  return (
    <section aria-labelledby="new-token">
      <h2 id="new-token">{t.tokens.new}</h2>
      <form class="form" onSubmit={(event) => { event.preventDefault(); void save(); }}>
        {kept.isRestored && <Restored draft={kept} />}
        <Field id="name" label={t.common.name} help={t.common.nameHelp} fault={faultAt('/name')}>
          {(attributes) => <input {...attributes} required autocomplete="off" spellcheck={false} value={name} onInput={(event) => change({ name: event.currentTarget.value })} />}
        </Field>
        <Field id="role" label={t.tokens.role} help={t.tokens.roleMeans[role]} fault={faultAt('/role')}>
          {(attributes) => (
            <select {...attributes} value={role} onChange={(event) => choose(event.currentTarget.value as Role)}>
              {roles.map((each) => <option key={each} value={each}>{t.tokens.roles[each]}</option>)}
            </select>
          )}
        </Field>
        <Checks legend={t.tokens.may} help={OF_ROLE[role].besides.length ? t.tokens.mayBesides : t.tokens.mayHelp} fault={faultAt('/scopes')} value={scopes} options={options} words={(each) => t.tokens.scopes[each]} set={(next) => change({ scopes: next })} />
        {role !== 'service' && (
          <Field id="user" label={t.tokens.user} help={t.tokens.userHelp} fault={faultAt('/user')} optional>
            {(attributes) => <input {...attributes} autocomplete="off" spellcheck={false} value={user} onInput={(event) => change({ user: event.currentTarget.value })} />}
          </Field>
        )}
        <Field id="expires" label={t.tokens.expires} fault={faultAt('/expires')}>
          {(attributes) => (
            <select {...attributes} value={String(days)} onChange={(event) => change({ days: Number(event.currentTarget.value) })}>
              {LIVES.map((each) => <option key={each} value={String(each)}>{t.tokens.days(each)}</option>)}
              <option value="0">{t.tokens.never}</option>
            </select>
          )}
        </Field>
        <Refused fault={fault} faults={faults} />
        <button type="submit" class="primary">{t.common.create}</button>
      </form>
    </section>
  );
}

function TokenRow({ token, revoke }: { token: Token; revoke: (name: string) => void }) {
  const state = stateOf(token);
  return (
    <tr>
      <td data-label={t.common.name}><strong>{token.name}</strong>{token.provisioned && <small class="tag">{t.common.provisioned}</small>}</td>
      <td data-label={t.tokens.role}>{t.tokens.roles[token.role] ?? token.role}{token.user && <small class="why">{t.tokens.of(token.user)}</small>}{token.scopes && <small class="why">{t.tokens.only(token.scopes.map((each) => t.tokens.scopes[each] ?? each))}</small>}</td>
      <td data-label={t.tokens.teams}>{token.teams.join(', ') || t.tokens.allTeams}</td>
      <td data-label={t.deliveries.state}><Pill mood={state.mood}>{state.word}</Pill>{token.expires && !token.revoked && <small class="why">{t.tokens.until} <Time at={token.expires} /></small>}</td>
      <td data-label={t.tokens.used}>{token.last_used ? <Time at={token.last_used} /> : '–'}</td>
      <td data-label={t.tokens.revoke}>{!token.provisioned && !token.revoked
        ? <RemoveButton ask={t.tokens.revokeAsk(token.name)} label={t.tokens.revoke} yes={t.tokens.yesRevoke} of={token.name} remove={() => revoke(token.name)} />
        : '–'}</td>
    </tr>
  );
}

export function Tokens({ me, team }: { me: Me; team: string }) {
  const loaded = useLoad(team, async () => (await get<{ tokens: Token[] }>('/v1/tokens')).tokens);
  const [made, setMade] = useState<MadeToken>();
  const revoke = (name: string) => {
    remove(`/v1/tokens/${encodeURIComponent(name)}`).then(() => {
      say({ text: t.tokens.revokedNow(name) });
      loaded.reload();
    }, complain);
  };
  return (
    <Page title={t.tokens.title}>
      <p class="intro">{t.tokens.intro}</p>
      {made && <Made token={made} done={() => setMade(undefined)} />}
      <Await of={loaded}>
        {(tokens) => tokens.length === 0 ? <p class="empty">{t.tokens.empty}</p> : (
          <table class="table">
            <caption class="hidden">{t.tokens.title}</caption>
            <thead><tr>{[t.common.name, t.tokens.role, t.tokens.teams, t.deliveries.state, t.tokens.used, t.tokens.revoke].map((each) => <th key={each} scope="col">{each}</th>)}</tr></thead>
            <tbody>{tokens.map((token) => <TokenRow key={`${token.name}/${token.provisioned}`} token={token} revoke={revoke} />)}</tbody>
          </table>
        )}
      </Await>
      <TokenForm me={me} team={team} made={(token) => {
        setMade(token);
        loaded.reload();
        window.scrollTo(0, 0);
      }} />
    </Page>
  );
}
