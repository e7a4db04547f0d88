import type { FuzzNumbers } from './fuzz-numbers.ts';

type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

const depth = 20_000;
/** JSON text that readers stumble over, put in the place of a value. */
const values: readonly string[] = [
  'null',
  'true',
  '0',
  '-0',
  '-1',
  '1.5',
  '1e3',
  '4294967295',
  '4294967296',
  '9007199254740991',
  '9007199254740993',
  '18446744073709551615',
  '1e308',
  '-1e999',
  '""',
  '"x"',
  '"."',
  '".."',
  '"../x"',
  '"a/b"',
  '"a\\u0000b"',
  '"\\ud800"',
  '"\\\\x"',
  '"\\\\xff\\\\u0041\\\\U0010ffff\\\\377"',
  '"data"',
  '"tree"',
  '"dir"',
  '"file"',
  '"symlink"',
  '"0000-01-01T00:00:00+14:00"',
  '"9999-12-31T23:59:60Z"',
  '"2026-02-30T00:00:00.123456789123Z"',
  `"${'f'.repeat(64)}"`,
  `"${'F'.repeat(64)}"`,
  `"${'0'.repeat(63)}"`,
  `"${'long '.repeat(2000)}"`,
  '[]',
  '{}',
  '[null]',
  '[[]]',
  '{"name":"x","type":"file","content":[]}',
  '{"__proto__":{"content":[]}}',
  `[${'0,'.repeat(1000)}0]`,
  `${'['.repeat(depth)}${']'.repeat(depth)}`,
  `${'{"a":'.repeat(depth)}0${'}'.repeat(depth)}`,
];

const names = ['', 'id', 'packs', 'blobs', 'nodes', 'tree', 'time', '__proto__', 'constructor', 'toString', 'length'];

/** A place in a document. */
interface Place {
  readonly parent: Json[] | { [name: string]: Json };
  readonly key: string;
}

/** Stands for text that is put into the document as it is. */
const mark = '\u0001';

/**
 * Changes one to three places of a JSON document: values, names, order, repetitions, nesting. Returns the input when it is
 * no document.
 */
export function mutateJson(input: Buffer, numbers: FuzzNumbers): Buffer {
  let document: Json;
  try {
    document = JSON.parse(input.toString('utf8')) as Json;
  } catch {
    return input;
  }
  const root = { document };
  const replaced: string[] = [];
  for (let times = 1 + numbers.next(3); times > 0; times -= 1) {
    const places = findPlaces(root);
    if (places.length === 0) break;
    const { parent, key } = numbers.pick(places);
    const value = (parent as Record<string, Json>)[key] ?? null;
    switch (numbers.next(8)) {
      case 0:
        remove(parent, key);
        break;
      case 1:
        if (Array.isArray(parent)) parent.push(structuredClone(value));
        else (parent as Record<string, Json>)[numbers.pick(names)] = structuredClone(value);
        break;
      case 2:
        if (Array.isArray(value)) value.reverse();
        else (parent as Record<string, Json>)[key] = [structuredClone(value)];
        break;
      case 3: {
        const other = numbers.pick(places);
        const from = (other.parent as Record<string, Json>)[other.key] ?? null;
        if (JSON.stringify(from).length < 10_000) (parent as Record<string, Json>)[key] = structuredClone(from);
        break;
      }
      default:
        replaced.push(numbers.pick(values));
        (parent as Record<string, Json>)[key] = `${mark}${replaced.length - 1}`;
    }
  }
  let text = JSON.stringify(root.document ?? null, null, numbers.once(10) ? 2 : undefined);
  text = text.replace(/"\\u0001(\d+)"/g, (_, at: string) => replaced[Number(at)] ?? 'null');
  // A name that stands twice, or another one: what no parsed document could hold.
  if (numbers.once(8)) {
    const found = [...text.slice(0, 5000).matchAll(/"([a-z_A-Z]+)":/g)];
    if (found.length > 0) {
      const [name] = numbers.pick(found);
      text = text.replace(
        name,
        numbers.once(2) ? `${name}${numbers.pick(values)},${name}` : `"${numbers.pick(names)}":`,
      );
    }
  }
  return Buffer.from(text);
}

function findPlaces(root: Json[] | { [name: string]: Json }): Place[] {
  const places: Place[] = [];
  const pending = [root];
  for (let parent = pending.pop(); parent !== undefined && places.length < 200; parent = pending.pop()) {
    for (const [key, value] of Object.entries(parent)) {
      places.push({ parent, key });
      if (typeof value === 'object' && value !== null) pending.push(value);
    }
  }
  return places;
}

function remove(parent: Json[] | { [name: string]: Json }, key: string): void {
  if (Array.isArray(parent)) parent.splice(Number(key), 1);
  else Reflect.deleteProperty(parent, key);
}
