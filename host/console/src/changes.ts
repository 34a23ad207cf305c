// What was changed between two versions of an object: as a merge patch (RFC 7396), so that what nobody touched here stays
// what it is there, and as the places that differ, to be shown.
import { MASK, type Json, type JsonObject } from './types';

const isObject = (value: Json | undefined): value is JsonObject => value !== null && typeof value === 'object' && !Array.isArray(value);
export const isSame = (a: Json | undefined, b: Json | undefined): boolean => {
  if (isObject(a) && isObject(b)) {
    const names = new Set([...Object.keys(a), ...Object.keys(b)]);
    return [...names].every((name) => isSame(a[name], b[name]));
  }
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((each, i) => isSame(each, b[i]));
  return a === b;
};

// What makes `to` of `from`.
export function patchOf(from: JsonObject, to: JsonObject): JsonObject {
  const patch: JsonObject = {};
  for (const name of new Set([...Object.keys(from), ...Object.keys(to)])) {
    const [was, is] = [from[name], to[name]];
    if (isSame(was, is)) continue;
    if (is === undefined) patch[name] = null;
    else patch[name] = isObject(was) && isObject(is) ? patchOf(was, is) : is;
  }
  return patch;
}

// In a list a mask stands for the secret at its place: of no use where the places are others.
export const withoutMasks = (value: Json): Json => {
  if (Array.isArray(value)) return value.map(withoutMasks);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== MASK).map(([name, each]) => [name, withoutMasks(each)]));
};

// `mine` was made of `base`, which is `theirs` by now: what was not touched here is theirs.
export function merge(base: Json | undefined, theirs: Json | undefined, mine: Json | undefined): Json | undefined {
  if (isSame(base, mine)) return theirs;
  if (isObject(theirs) && isObject(mine)) {
    const out: JsonObject = {};
    for (const name of new Set([...Object.keys(theirs), ...Object.keys(mine)])) {
      const each = merge(isObject(base) ? base[name] : undefined, theirs[name], mine[name]);
      if (each !== undefined) out[name] = each;
    }
    return out;
  }
  return Array.isArray(mine) && !isSame(base, theirs) ? withoutMasks(mine) : mine;
}

export interface Difference { path: string[]; was: Json | undefined; is: Json | undefined }

// Lists are one place each.
export function differences(from: Json | undefined, to: Json | undefined, path: string[] = []): Difference[] {
  if (isSame(from, to)) return [];
  if (!isObject(from) || !isObject(to)) return [{ path, was: from, is: to }];
  return [...new Set([...Object.keys(from), ...Object.keys(to)])].flatMap((name) => differences(from[name], to[name], [...path, name]));
}

export const valueAt = (value: Json | undefined, path: string[]) => path.reduce<Json | undefined>((here, name) => (isObject(here) ? here[name] : undefined), value);
