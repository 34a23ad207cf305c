// What was looked at to decide where an event goes, in that order, and why each matched or did not.
import { href } from './router';
import { t } from './text';
import type { Finding } from './types';
import { Pill } from './ui';

function FindingRow({ team, finding }: { team: string; finding: Finding }) {
  return (
    <li class={finding.matched ? 'finding matched' : 'finding'}>
      <p class="line">
        <Pill mood={finding.matched ? 'good' : 'not'}>{finding.matched ? t.event.matched : t.event.notMatched}</Pill>
        <span>{t.event.kind[finding.kind] ?? finding.kind}</span> <strong>{finding.name}</strong>
      </p>
      <p>{finding.reason}</p>
      {finding.channels.length > 0 && <p class="meta">{t.event.to} {finding.channels.map((name, i) => <span key={name}>{i > 0 && ', '}<a href={href([team, 'integrations', name])}>{name}</a></span>)}</p>}
    </li>
  );
}

export const Findings = ({ team, findings }: { team: string; findings: Finding[] }) => (
  <ol class="rows numbered">{findings.map((finding, i) => <FindingRow key={i} team={team} finding={finding} />)}</ol>
);
