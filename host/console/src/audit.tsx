// Who changed what.
import { get, inTeam, withQuery } from './api';
import { LogState, usePages } from './pages';
import { t } from './text';
import type { Act } from './types';
import { Page, Time } from './ui';

// "channel.change" in words; one that is not known here as it is.
const wordsOf = (act: string) => t.audit.acts[act] ?? act;

interface Acts { acts: Act[]; next: string | null }

function ActTable({ acts }: { acts: Act[] }) {
  return (
    <table class="table">
      <caption class="hidden">{t.audit.title}</caption>
      <thead><tr>{[t.audit.when, t.audit.who, t.audit.what, t.audit.object, t.audit.detail, t.audit.origin].map((each) => <th key={each} scope="col">{each}</th>)}</tr></thead>
      <tbody>
        {acts.map((act, i) => (
          <tr key={i}>
            <td data-label={t.audit.when} class="fit"><Time at={act.at} isExact /></td>
            <td data-label={t.audit.who}>{act.actor} <small class="word">{t.tokens.roles[act.role] ?? act.role}</small></td>
            <td data-label={t.audit.what}>{wordsOf(act.act)}</td>
            <td data-label={t.audit.object}>{act.object || '–'}</td>
            <td data-label={t.audit.detail}>{act.detail.replaceAll('/', ' › ') || '–'}</td>
            <td data-label={t.audit.origin} class="fit">{act.origin}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

export function Audit({ team }: { team: string }) {
  const log = usePages<Act>(team, async (cursor) => {
    const page = await get<Acts>(withQuery(inTeam(team, 'audit'), { cursor }));
    return { rows: page.acts, next: page.next };
  });
  return (
    <Page title={t.audit.title}>
      <p class="intro">{t.audit.intro}</p>
      <LogState of={log} />
      {log.isBelow && <p><button type="button" onClick={log.reload}>{t.inbox.newest}</button></p>}
      {log.rows?.length === 0 && <p class="empty">{t.audit.empty}</p>}
      {log.rows !== undefined && log.rows.length > 0 && <ActTable acts={log.rows} />}
      {log.next !== null && <button type="button" onClick={log.more}>{t.common.older}</button>}
    </Page>
  );
}
