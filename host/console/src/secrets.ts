// A channel's settings without what its schema calls secret: for drafts and for commands that are copied.
import { MASK, type Json, type JsonObject, type Schema } from './types';

// `standIn`: what stands for a secret that was typed; undefined: nothing. The mask of a stored one stays.
export function withoutSecrets(schema: Schema | undefined, value: Json, standIn?: string): Json | undefined {
  if (schema === undefined) return value;
  if (schema.writeOnly && value !== MASK) return standIn;
  if (Array.isArray(value)) return value.map((each) => withoutSecrets(schema.items, each, standIn) ?? null);
  if (value === null || typeof value !== 'object') return value;
  const out: JsonObject = {};
  for (const [name, each] of Object.entries(value)) {
    const inner = schema.properties?.[name] ?? (typeof schema.additionalProperties === 'object' ? schema.additionalProperties : undefined);
    const kept = withoutSecrets(inner, each, standIn);
    if (kept !== undefined) out[name] = kept;
  }
  return out;
}
