// A form drawn from a plugin's JSON Schema: the part of it that a plugin may use (docs/plugin_contract.md). A third
// party's channel gets its page from this and needs no other.
import type { ComponentChildren } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { isSame, withoutMasks } from './changes';
import { t } from './text';
import { MASK, type FieldError, type Json, type JsonObject, type Schema } from './types';
import { Field, Lines } from './ui';

const LONG_TEXT = 2_000; // characters from which on a text gets more than one line

interface Props {
  schema: Schema;
  value: Json | undefined;
  saved: Json | undefined; // what the daemon has there
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

// What is stored is never here: the mask stands for it, and an empty field keeps it.
function Secret({ attributes, value, saved, set, disabled, schema, label, optional }: Props & { attributes: object }) {
  const isStored = saved === MASK;
  const isTyped = typeof value === 'string' && value !== MASK;
  const words = isStored && value === undefined ? t.integrations.secretRemoved : isStored ? `${MASK} ${t.integrations.secretKept}` : '';
  return (
    <div class="secret-field">
      <input {...attributes} type="password" autocomplete="new-password" disabled={disabled} maxLength={schema.maxLength} required={!optional && value === undefined}
        placeholder={words} value={isTyped ? value : ''} onInput={(event) => set(event.currentTarget.value || (isStored ? MASK : undefined))} />
      {isStored && optional && !disabled && (value === undefined
        ? <button type="button" aria-label={t.integrations.keepSecret(label)} onClick={() => set(MASK)}>{t.common.keep}</button>
        : <button type="button" aria-label={t.common.removeRow(label)} onClick={() => set(undefined)}>{t.integrations.removeSecret}</button>)}
    </div>
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

interface Named { at: number; name: string; value: Json | undefined }
const rowsOf = (value: Json | undefined): Named[] => Object.entries(asObject(value)).map(([name, each], at) => ({ at, name, value: each }));

function NamedValues({ schema, value, saved, pointer, faults, set, label, disabled }: Props) {
  const inner = schema.additionalProperties as Schema;
  const stored = asObject(saved);
  // Rows, since a name that is being typed may be another's for a moment.
  const [rows, setRows] = useState(() => rowsOf(value));
  useEffect(() => {
    if (isSame(value, saved)) setRows(rowsOf(value)); // it was saved: what was typed is a stored secret now
  }, [saved]);
  const put = (next: Named[]) => {
    setRows(next);
    const named = next.filter((row) => row.name !== '').map((row) => [row.name, row.value ?? ''] as const);
    set(named.length === 0 ? undefined : Object.fromEntries(named));
  };
  const change = (at: number, part: Partial<Named>) => put(rows.map((row) => (row.at === at ? { ...row, ...part } : row)));
  // A stored secret is found by its name: under another one it has to be typed.
  const rename = (row: Named, name: string) => {
    const isKept = row.value === MASK || row.value === undefined;
    change(row.at, { name, ...(inner.writeOnly && isKept ? { value: stored[name] === MASK ? MASK : undefined } : {}) });
  };
  return (
    <fieldset class="group">
      <legend>{label}</legend>
      {schema.description && <p class="help">{schema.description}</p>}
      {rows.map((row) => (
        <div key={row.at} class="pair">
          <Field id={idOf(`${pointer}/${row.at}/name`)} label={t.common.key}>
            {(attributes) => <input {...attributes} autocomplete="off" spellcheck={false} disabled={disabled} value={row.name} onInput={(event) => rename(row, event.currentTarget.value)} />}
          </Field>
          <SchemaField schema={inner} value={row.value} saved={stored[row.name]} pointer={`${pointer}/${escape(row.name)}`} faults={faults} disabled={disabled}
            set={(next) => change(row.at, { value: next })} label={t.common.value} optional={false} />
          <button type="button" disabled={disabled} aria-label={t.common.removeRow(row.name || label)} onClick={() => put(rows.filter((each) => each !== row))}>×</button>
        </div>
      ))}
      {faultAt(faults, pointer) && <p class="fault">{faultAt(faults, pointer)}</p>}
      <button type="button" disabled={disabled} aria-label={`${t.common.add}: ${label}`} onClick={() => setRows([...rows, { at: Math.max(-1, ...rows.map((row) => row.at)) + 1, name: '', value: undefined }])}>{t.common.add}</button>
    </fieldset>
  );
}

const masks = (value: Json | undefined): number => (value === MASK ? 1 : value !== null && typeof value === 'object' ? Object.values(value).reduce<number>((sum, each) => sum + masks(each), 0) : 0);

// A stored secret in a list is known by its place alone. Once a row came or went no place is what it was, so that the
// secrets of all rows have to be typed again.
function ObjectList({ schema, value, saved, pointer, faults, set, label, disabled }: Props) {
  const list = Array.isArray(value) ? value : [];
  const stored = Array.isArray(saved) ? saved : [];
  const nextKey = useRef(list.length);
  const [keys, setKeys] = useState(() => list.map((_, i) => i));
  const [isMoved, setIsMoved] = useState(list.length !== stored.length || masks(list) < masks(stored));
  useEffect(() => {
    if (isSame(value, saved)) setIsMoved(false); // it was saved
  }, [saved]);
  const isAnew = isMoved && masks(stored) > 0;
  const put = (rows: Json[], newKeys: number[]) => {
    setKeys(newKeys);
    setIsMoved(true);
    set(rows.length === 0 ? undefined : withoutMasks(rows));
  };
  const rows = list.map((row, i) => ({ row, key: keys[i] ?? i }));
  return (
    <fieldset class="group">
      <legend>{label}</legend>
      {schema.description && <p class="help">{schema.description}</p>}
      {isAnew && list.length > 0 && <p class="help" role="status">{t.integrations.secretsAnew}</p>}
      {rows.map(({ row, key }, i) => (
        <div key={key} class="entry">
          <SchemaFields schema={schema.items!} value={asObject(row)} saved={isMoved ? {} : asObject(stored[i])} pointer={`${pointer}/${i}`} faults={faults} disabled={disabled}
            set={(next) => set(list.map((each, at) => (at === i ? next : each)))} />
          <button type="button" disabled={disabled} aria-label={`${t.common.remove}: ${label} ${i + 1}`}
            onClick={() => put(list.filter((_, at) => at !== i), rows.filter((_, at) => at !== i).map((each) => each.key))}>{t.common.remove}</button>
        </div>
      ))}
      {faultAt(faults, pointer) && <p class="fault">{faultAt(faults, pointer)}</p>}
      {list.length < (schema.maxItems ?? 100) && (
        <button type="button" disabled={disabled} aria-label={`${t.common.add}: ${label}`}
          onClick={() => put([...list, {}], [...rows.map((each) => each.key), nextKey.current++])}>{t.common.add}</button>
      )}
    </fieldset>
  );
}

export function SchemaField(props: Props) {
  const { schema, value, saved, pointer, faults, set, label, optional, disabled } = props;
  if (schema.type === 'object') {
    if (typeof schema.additionalProperties === 'object') return <NamedValues {...props} />;
    return (
      <fieldset class="group">
        <legend>{label}</legend>
        <SchemaFields schema={schema} value={asObject(value)} saved={asObject(saved)} pointer={pointer} faults={faults} disabled={disabled}
          set={(next) => set(optional && Object.keys(next).length === 0 ? undefined : next)} />
      </fieldset>
    );
  }
  if (schema.type === 'array' && schema.items?.type === 'object') return <ObjectList {...props} />;
  const id = idOf(pointer);
  if (schema.type === 'boolean') {
    const wrong = faultAt(faults, pointer);
    return (
      <div class="field">
        <label class="check">
          <input id={id} type="checkbox" disabled={disabled} checked={(value ?? schema.default ?? false) === true} aria-invalid={wrong ? true : undefined}
            aria-describedby={[schema.description && `${id}-help`, wrong && `${id}-fault`].filter(Boolean).join(' ') || undefined} onChange={(event) => set(event.currentTarget.checked)} />
          <span>{label}</span>
        </label>
        {wrong && <p class="fault" id={`${id}-fault`}>{wrong}</p>}
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
        if (schema.writeOnly) return <Secret {...props} attributes={attributes} />;
        return <TextInput attributes={attributes} schema={schema} value={typeof value === 'string' ? value : ''} set={set} disabled={disabled} />;
      }}
    </Field>
  );
}

// Opens by itself where there is something to see, and closes only by hand: not under somebody who empties a field.
export function Fold({ title, isUsed, children }: { title: string; isUsed: boolean; children: ComponentChildren }) {
  const here = useRef<HTMLDetailsElement>(null);
  useLayoutEffect(() => { if (isUsed) here.current!.open = true; }, [isUsed]);
  return <details class="group" ref={here}><summary>{title}</summary>{children}</details>;
}

const MOST_AT_ONCE = 10; // settings; of more than these only the first ones are shown at once
const SHOWN_OF_MANY = 8;

// All properties of an object, the required ones first.
export function SchemaFields({ schema, value, saved, pointer, faults, set, disabled }: {
  schema: Schema; value: JsonObject; saved: JsonObject; pointer: string; faults: FieldError[]; set: (value: JsonObject) => void; disabled: boolean;
}) {
  const required = schema.required ?? [];
  const names = Object.keys(schema.properties ?? {});
  const ordered = [...names.filter((name) => required.includes(name)), ...names.filter((name) => !required.includes(name))];
  const shown = ordered.length > MOST_AT_ONCE ? Math.max(SHOWN_OF_MANY, required.length) : ordered.length;
  const folded = ordered.slice(shown);
  const field = (name: string) => {
    const inner = schema.properties![name]!;
    return (
      <SchemaField key={name} schema={inner} value={value[name]} saved={saved[name]} pointer={`${pointer}/${escape(name)}`} faults={faults} disabled={disabled}
        label={inner.title ?? name} optional={!required.includes(name)}
        set={(next) => {
          const { [name]: _, ...others } = value;
          set(next === undefined ? others : { ...value, [name]: next });
        }} />
    );
  };
  const isUsed = folded.some((name) => value[name] !== undefined || faults.some((each) => `${each.pointer}/`.startsWith(`${pointer}/${escape(name)}/`)));
  return (
    <>
      {ordered.slice(0, shown).map(field)}
      {folded.length > 0 && <Fold title={t.integrations.more} isUsed={isUsed}>{folded.map(field)}</Fold>}
    </>
  );
}

// The words of the form for a place in it: "Previous secrets 1: Until".
export function titleIn(schema: Schema | undefined, path: string[]): string {
  const [first, ...rest] = path;
  if (first === undefined) return '';
  if (schema?.type === 'array') return [String(Number(first) + 1), titleIn(schema.items, rest)].filter(Boolean).join(': ');
  const inner = schema?.properties?.[first];
  const below = titleIn(inner ?? (typeof schema?.additionalProperties === 'object' ? schema.additionalProperties : undefined), rest);
  return [inner?.title ?? first, below].filter(Boolean).join(' ');
}
