// What a rule or a silence looks for: the same five things, as a form and in words.
import { t } from './text';
import { CATEGORIES, SEVERITIES, type FieldError, type Matchers } from './types';
import { Checks, Choice, Field, Lines } from './ui';

export function describeMatchers(matchers: Matchers): string {
  const parts = [
    matchers.category && t.category[matchers.category],
    matchers.severities?.length && matchers.severities.map((each) => t.severity[each]).join(', '),
    matchers.events?.length && matchers.events.join(', '),
    matchers.sources?.length && `${t.rules.sources.toLowerCase()} ${matchers.sources.join(', ')}`,
    matchers.labels && Object.entries(matchers.labels).map(([name, value]) => `${name}=${value}`).join(', '),
  ].filter(Boolean);
  return parts.length === 0 ? t.rules.everything : parts.join(' · ');
}

export function MatcherFields({ value, set, faults }: { value: Matchers; set: (value: Matchers) => void; faults: FieldError[] }) {
  const fault = (name: string) => faults.find((each) => each.pointer === `/${name}` || each.pointer.startsWith(`/${name}/`))?.message;
  // Without the member where there is nothing in it: an empty list and no list mean the same, and one is shorter.
  const put = (name: keyof Matchers, next: unknown) => {
    const { [name]: _, ...others } = value;
    const isEmpty = next === '' || (Array.isArray(next) && next.length === 0) || (typeof next === 'object' && next !== null && Object.keys(next).length === 0);
    set(isEmpty ? others : { ...others, [name]: next });
  };
  return (
    <>
      <Choice id="category" label={t.rules.category} value={value.category ?? ''} options={CATEGORIES} words={(each) => t.category[each]} set={(next) => put('category', next)} />
      <Checks legend={t.rules.severities} help={t.rules.noneChecked} fault={fault('severities')} value={value.severities ?? []} options={SEVERITIES} words={(each) => t.severity[each]} set={(next) => put('severities', next)} />
      <Field id="events" label={t.rules.events} help={t.rules.eventsHelp} fault={fault('events')} optional>
        {(attributes) => <Lines attributes={attributes} value={value.events ?? []} set={(next) => put('events', next)} />}
      </Field>
      <Field id="sources" label={t.rules.sources} help={t.rules.sourcesHelp} fault={fault('sources')} optional>
        {(attributes) => <Lines attributes={attributes} rows={2} value={value.sources ?? []} set={(next) => put('sources', next)} />}
      </Field>
      <Field id="labels" label={t.rules.labels} help={t.rules.labelsHelp} fault={fault('labels')} optional>
        {(attributes) => (
          <Lines attributes={attributes} rows={2} value={Object.entries(value.labels ?? {}).map(([name, each]) => `${name}=${each}`)}
            set={(lines) => put('labels', Object.fromEntries(lines.map((line) => {
              const at = line.indexOf('=');
              return at < 0 ? [line, ''] : [line.slice(0, at).trim(), line.slice(at + 1).trim()];
            })))} />
        )}
      </Field>
    </>
  );
}
