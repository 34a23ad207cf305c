// A form drawn from a plugin's JSON Schema: the part of it that a plugin may use (docs/plugin_contract.md). A third
// party's channel gets its page from this and needs no other.
import { useState } from 'preact/hooks';
import { t } from './text';
import { MASK, type FieldError, type Json, type JsonObject, type Schema } from './types';
import { Field, Lines } from './ui';

const LONG_TEXT = 2_000; // characters from which on a text gets more than one line

interface Props {
  schema: Schema;
  value: Json | undefined;
  pointer: string; // of the value in the body
  faults: FieldError[];
  set: (value: Json | undefined) => void; // undefined: left out
  label: string;
  optional: boolean;
  disabled: boolean;
}

const escape = (name: string) => name.replaceAll('~', '~0').replaceAll('/', '~1');
const faultAt = (faults: FieldError[], pointer: string) => faults.find((each) => each.pointer === pointer)?.message;
const idOf = (pointer: string) => `f${pointer.replace(/[^A-Za-z0-9]/g, '-')}`;
const asObject = (value: Json | undefined): JsonObject => (value !== null && typeof value === 'object' && !Array.isArray(value) ? value : {});

function Secret({ attributes, value, set, disabled, schema }: { attributes: object; value: Json | undefined; set: Props['set']; disabled: boolean; schema: Schema }) {
  // What is stored is never here: the mask stands for it, and an empty field keeps it.
  const [stored] = useState(value === MASK);
  return (
    <input {...attributes} type="password" autocomplete="new-password" disabled={disabled} maxLength={schema.maxLength}
      placeholder={stored ? `${MASK} ${t.integrations.secretKept}` : ''} value={value === MASK || typeof value !== 'string' ? '' : value}
      onInput={(event) => set(event.currentTarget.value || (stored ? MASK : undefined))} />
  );
}

function TextInput({ attributes, schema, value, set, disabled }: { attributes: object; schema: Schema; value: string; set: Props['set']; disabled: boolean }) {
  const give = (text: string) => set(text === '' ? undefined : text);
  if (schema.enum) {
    return (
      <select {...attributes} disabled={disabled} value={value} onChange={(event) => give(event.currentTarget.value)}>
        <option value="">{schema.default !== undefined ? t.integrations.byDefault(String(schema.default)) : t.integrations.leaveOut}</option>
        {schema.enum.map((each) => <option key={each} value={String(each)}>{String(each)}</option>)}
      </select>
    );
  }
  if ((schema.maxLength ?? 0) > LONG_TEXT && schema.format === undefined) {
    return <textarea {...attributes} rows={5} spellcheck={false} disabled={disabled} maxLength={schema.maxLength} value={value} onInput={(event) => give(event.currentTarget.value)} />;
  }
  return (
    <input {...attributes} type={schema.format === 'uri' ? 'url' : 'text'} autocomplete="off" spellcheck={false} disabled={disabled} maxLength={schema.maxLength}
      value={value} placeholder={schema.default === undefined ? '' : String(schema.default)} onInput={(event) => give(event.currentTarget.value)} />
  );
}

function NamedValues({ schema, value, pointer, faults, set, label, disabled }: Props) {
  const inner = schema.additionalProperties as Schema;
  // Rows, since a name that is being typed may be another's for a moment.
  const [rows, setRows] = useState(() => Object.entries(asObject(value)).map(([name, each], at) => ({ at, name, value: each as Json | undefined })));
  const put = (next: typeof rows) => {
    setRows(next);
    const named = next.filter((row) => row.name !== '').map((row) => [row.name, row.value ?? ''] as const);
    set(named.length === 0 ? undefined : Object.fromEntries(named));
  };
  const change = (at: number, part: Partial<(typeof rows)[number]>) => put(rows.map((row) => (row.at === at ? { ...row, ...part } : row)));
  return (
    <fieldset class="group">
      <legend>{label}</legend>
      {schema.description && <p class="help">{schema.description}</p>}
      {rows.map((row) => (
        <div key={row.at} class="pair">
          <Field id={idOf(`${pointer}/${row.at}/name`)} label={t.common.key}>
            {(attributes) => <input {...attributes} autocomplete="off" spellcheck={false} disabled={disabled} value={row.name} onInput={(event) => change(row.at, { name: event.currentTarget.value })} />}
          </Field>
          <SchemaField schema={inner} value={row.value} pointer={`${pointer}/${escape(row.name)}`} faults={faults} disabled={disabled}
            set={(next) => change(row.at, { value: next })} label={t.common.value} optional={false} />
          <button type="button" disabled={disabled} aria-label={t.common.removeRow(row.name || label)} onClick={() => put(rows.filter((each) => each !== row))}>×</button>
        </div>
      ))}
      {faultAt(faults, pointer) && <p class="fault">{faultAt(faults, pointer)}</p>}
      <button type="button" disabled={disabled} aria-label={`${t.common.add}: ${label}`} onClick={() => setRows([...rows, { at: Math.max(-1, ...rows.map((row) => row.at)) + 1, name: '', value: undefined }])}>{t.common.add}</button>
    </fieldset>
  );
}

function ObjectList({ schema, value, pointer, faults, set, label, disabled }: Props) {
  const rows = Array.isArray(value) ? value : [];
  const put = (next: Json[]) => set(next.length === 0 ? undefined : next);
  return (
    <fieldset class="group">
      <legend>{label}</legend>
      {schema.description && <p class="help">{schema.description}</p>}
      {rows.map((row, i) => (
        <div key={i} class="entry">
          <SchemaFields schema={schema.items!} value={asObject(row)} pointer={`${pointer}/${i}`} faults={faults} disabled={disabled}
            set={(next) => put(rows.map((each, at) => (at === i ? next : each)))} />
          <button type="button" disabled={disabled} aria-label={`${t.common.remove}: ${label} ${i + 1}`} onClick={() => put(rows.filter((_, at) => at !== i))}>{t.common.remove}</button>
        </div>
      ))}
      {faultAt(faults, pointer) && <p class="fault">{faultAt(faults, pointer)}</p>}
      {rows.length < (schema.maxItems ?? 100) && <button type="button" disabled={disabled} aria-label={`${t.common.add}: ${label}`} onClick={() => put([...rows, {}])}>{t.common.add}</button>}
    </fieldset>
  );
}

export function SchemaField(props: Props) {
  const { schema, value, pointer, faults, set, label, optional, disabled } = props;
  if (schema.type === 'object') {
    if (typeof schema.additionalProperties === 'object') return <NamedValues {...props} />;
    return (
      <fieldset class="group">
        <legend>{label}</legend>
        <SchemaFields schema={schema} value={asObject(value)} pointer={pointer} faults={faults} disabled={disabled}
          set={(next) => set(optional && Object.keys(next).length === 0 ? undefined : next)} />
      </fieldset>
    );
  }
  if (schema.type === 'array' && schema.items?.type === 'object') return <ObjectList {...props} />;
  const id = idOf(pointer);
  if (schema.type === 'boolean') {
    return (
      <div class="field">
        <label class="check"><input id={id} type="checkbox" disabled={disabled} checked={(value ?? schema.default ?? false) === true} aria-describedby={schema.description ? `${id}-help` : undefined} onChange={(event) => set(event.currentTarget.checked)} />{label}</label>
        {schema.description && <p class="help" id={`${id}-help`}>{schema.description}</p>}
      </div>
    );
  }
  const fault = faultAt(faults, pointer) ?? faults.find((each) => each.pointer.startsWith(`${pointer}/`))?.message;
  return (
    <Field id={id} label={label} help={schema.description && schema.type === 'array' ? `${schema.description} ${t.common.onePerLine}` : schema.description} fault={fault} optional={optional}>
      {(attributes) => {
        if (schema.type === 'array') return <Lines value={Array.isArray(value) ? value.map(String) : []} set={(lines) => set(lines.length ? lines : undefined)} attributes={{ ...attributes, disabled }} />;
        if (schema.type === 'integer' || schema.type === 'number') {
          return (
            <input {...attributes} type="number" disabled={disabled} min={schema.minimum} max={schema.maximum} step={schema.type === 'integer' ? 1 : 'any'}
              placeholder={schema.default === undefined ? '' : String(schema.default)} value={typeof value === 'number' ? value : ''}
              onInput={(event) => set(event.currentTarget.value === '' ? undefined : Number(event.currentTarget.value))} />
          );
        }
        if (schema.writeOnly) return <Secret attributes={attributes} value={value} set={set} disabled={disabled} schema={schema} />;
        return <TextInput attributes={attributes} schema={schema} value={typeof value === 'string' ? value : ''} set={set} disabled={disabled} />;
      }}
    </Field>
  );
}

// All properties of an object, the required ones first.
export function SchemaFields({ schema, value, pointer, faults, set, disabled }: {
  schema: Schema; value: JsonObject; pointer: string; faults: FieldError[]; set: (value: JsonObject) => void; disabled: boolean;
}) {
  const required = schema.required ?? [];
  const names = Object.keys(schema.properties ?? {});
  const ordered = [...names.filter((name) => required.includes(name)), ...names.filter((name) => !required.includes(name))];
  return (
    <>
      {ordered.map((name) => {
        const inner = schema.properties![name]!;
        return (
          <SchemaField key={name} schema={inner} value={value[name]} pointer={`${pointer}/${escape(name)}`} faults={faults} disabled={disabled}
            label={inner.title ?? name} optional={!required.includes(name)}
            set={(next) => {
              const { [name]: _, ...others } = value;
              set(next === undefined ? others : { ...value, [name]: next });
            }} />
        );
      })}
    </>
  );
}

