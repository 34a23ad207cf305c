// A channel's settings without what its schema calls secret: for drafts and for commands that are copied.
import { MASK, type Json, type JsonObject, type Schema } from './types';

const memberOf = (value: Json | undefined, name: string) => (value !== null && typeof value === 'object' && !Array.isArray(value) ? value[name] : undefined);

// `standIn`: what stands for a secret that was typed; undefined: the one that is stored in `saved`, or nothing. The mask of
// a stored one stays. What stands in a list has no place of its own, and nothing is put there.
export function withoutSecrets(schema: Schema | undefined, value: Json, saved?: Json, standIn?: string): Json | undefined {
  if (schema === undefined) return value;
  if (schema.writeOnly && value !== MASK) return standIn ?? (saved === MASK ? MASK : undefined);
  if (Array.isArray(value)) return value.map((each) => withoutSecrets(schema.items, each, undefined, standIn) ?? null);
  if (value === null || typeof value !== 'object') return value;
  const out: JsonObject = {};
  for (const [name, each] of Object.entries(value)) {
    const inner = schema.properties?.[name] ?? (typeof schema.additionalProperties === 'object' ? schema.additionalProperties : undefined);
    const kept = withoutSecrets(inner, each, memberOf(saved, name), standIn);
    if (kept !== undefined) out[name] = kept;
  }
  return out;
}
