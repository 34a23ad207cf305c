// Who changed what.
import { get, inTeam, withQuery } from './api';
import { usePages } from './pages';
import { t } from './text';
import type { Act } from './types';
import { Fault, Page, Skeleton, Time } from './ui';

interface Acts { acts: Act[]; next: string | null }

function ActTable({ acts }: { acts: Act[] }) {
  return (
    <table class="table">
      <caption class="hidden">{t.audit.title}</caption>
      <thead><tr>{[t.audit.when, t.audit.who, t.audit.what, t.audit.object, t.audit.detail, t.audit.origin].map((each) => <th key={each} scope="col">{each}</th>)}</tr></thead>
      <tbody>
        {acts.map((act, i) => (
          <tr key={i}>
            <td data-label={t.audit.when} class="fit"><Time at={act.at} /></td>
            <td data-label={t.audit.who}>{act.actor} ({act.role})</td>
            <td data-label={t.audit.what} class="fit">{act.act}</td>
            <td data-label={t.audit.object}>{act.object || '–'}</td>
            <td data-label={t.audit.detail}>{act.detail || '–'}</td>
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
      {log.fault !== undefined && <Fault text={log.fault} again={log.reload} />}
      {log.rows === undefined && log.fault === undefined && <Skeleton />}
      {log.isBelow && <p><button type="button" onClick={log.reload}>{t.inbox.newest}</button></p>}
      {log.rows?.length === 0 && <p class="empty">{t.audit.empty}</p>}
      {log.rows !== undefined && log.rows.length > 0 && <ActTable acts={log.rows} />}
      {log.next !== null && <button type="button" onClick={log.more}>{t.common.older}</button>}
    </Page>
  );
}
