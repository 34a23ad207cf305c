// What was looked at to decide where an event goes, in that order, and why each matched or did not.
import { href } from './router';
import { t } from './text';
import type { Finding } from './types';
import { Pill, Prose } from './ui';

function FindingRow({ team, finding, isLinked }: { team: string; finding: Finding; isLinked: boolean }) {
  return (
    <li class={finding.matched ? 'finding matched' : 'finding'}>
      <p class="line">
        <Pill mood={finding.matched ? 'good' : 'not'}>{finding.matched ? t.event.matched : t.event.notMatched}</Pill>
        <span>{t.event.kind[finding.kind] ?? finding.kind}</span> {finding.kind === 'silence' && isLinked ? <a class="strong" href={href([team, 'silences', finding.name])}>{finding.name}</a> : <strong>{finding.name}</strong>}
      </p>
      <p><Prose text={finding.reason} /></p>
      {finding.channels.length > 0 && <p class="meta">{t.event.to} {finding.channels.map((name, i) => <span key={name}>{i > 0 && ', '}{isLinked ? <a href={href([team, 'integrations', name])}>{name}</a> : name}</span>)}</p>}
    </li>
  );
}

// `isLinked`: who looks may see the channels and silences as well.
export const Findings = ({ team, findings, isLinked = true }: { team: string; findings: Finding[]; isLinked?: boolean }) => (
  <ol class="rows numbered">{findings.map((finding, i) => <FindingRow key={i} team={team} finding={finding} isLinked={isLinked} />)}</ol>
);
