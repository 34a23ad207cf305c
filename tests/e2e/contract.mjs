// Holds answers of the daemon against host/api/openapi.json: the operation is there, the status is documented for it, the
// body fits the schema. lib.mjs shows it every answer of every test.
import fs from 'node:fs';
import Ajv2020 from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

export const document = JSON.parse(fs.readFileSync(new URL('../../host/api/openapi.json', import.meta.url), 'utf8'));

// Statuses that a path or method which is not served may have.
const ELSEWHERE = [400, 404, 405, 408, 413, 414, 417, 421, 431, 500, 501, 503, 505];
// Tests push tens of thousands of events: later answers of a status look like the first.
const MOST_PUSHES = 200;

const ajv = new Ajv2020({ strict: false });
addFormats(ajv);
const compiled = new Map();

// {method, path, operation} each; a literal segment goes before a parameter.
export const operations = Object.entries(document.paths)
  .flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      name: `${method.toUpperCase()} ${path}`,
      method: method.toUpperCase(),
      path,
      operation,
      pattern: new RegExp(`^${path.replaceAll('.', '\\.').replace(/\{\w+\}/g, '[^/]+')}$`),
    })))
  .sort((a, b) => a.path.split('{').length - b.path.split('{').length);

export function findOperation(method, target) {
  const path = target.split('?')[0];
  const wanted = method === 'HEAD' ? 'GET' : method;
  return operations.find((each) => each.method === wanted && each.pattern.test(path));
}

function resolve(value) {
  if (value?.$ref === undefined) return value;
  return value.$ref.slice(2).split('/').reduce((at, key) => at[key], document);
}

// Why `value` does not fit; undefined where it does. `key` names the schema among the compiled ones.
function misfit(key, schema, value) {
  let validate = compiled.get(key);
  if (validate === undefined) {
    validate = ajv.compile({ components: document.components, ...schema });
    compiled.set(key, validate);
  }
  return validate(value) ? undefined : ajv.errorsText(validate.errors, { dataVar: 'body' });
}

export const misfitOf = (name, value) => misfit(`#${name}`, { $ref: `#/components/schemas/${name}` }, value);

// What is wrong with an answer {status, headers, body}; undefined: nothing. `body` is parsed where it is JSON.
export function judge(method, target, { status, headers, body }) {
  const type = (headers['content-type'] ?? '').split(';')[0];
  if (type === 'application/problem+json' && body?.status !== undefined && body.status !== status) {
    return `the problem says ${body.status}`;
  }
  const found = findOperation(method, target);
  if (found === undefined) {
    if (!ELSEWHERE.includes(status)) return 'no such operation is documented';
    return method === 'HEAD' ? undefined : misfitOf('Problem', body);
  }
  const { responses } = found.operation;
  const documented = [String(status), `${Math.floor(status / 100)}XX`].find((each) => each in responses);
  if (documented === undefined) return `the status is not documented for ${found.name}`;
  const response = resolve(responses[documented]);
  for (const [name, header] of Object.entries(response.headers ?? {})) {
    if (resolve(header).required && headers[name.toLowerCase()] === undefined) return `the header ${name} is missing`;
  }
  if (method === 'HEAD') return undefined;
  const content = response.content[type];
  if (content === undefined) return `the media type "${type}" is not documented for it`;
  if (!type.endsWith('json')) return undefined;
  return misfit(`${found.name} ${documented} ${type}`, content.schema, body);
}

// A test may take a rejected request for a broken connection and go on, so the process's exit code says it too.
const mismatches = [];
process.on('exit', () => {
  if (mismatches.length === 0) return;
  process.exitCode = 1;
  console.error(`answers that host/api/openapi.json does not allow:\n${[...new Set(mismatches)].join('\n')}`);
});

function fail(message) {
  mismatches.push(message);
  throw new Error(message);
}

const pushes = new Map();
// Operations answered with a 2xx: "GET /livez".
export const exercised = new Set();

// Throws where the answer is not as documented.
export function holdToContract(method, target, answer) {
  if (method === 'POST' && target === '/v1/events') {
    const count = (pushes.get(answer.status) ?? 0) + 1;
    pushes.set(answer.status, count);
    if (count > MOST_PUSHES) return;
  }
  const fault = judge(method, target, answer);
  if (fault !== undefined) {
    const body = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body);
    fail(`${method} ${target}: ${answer.status} is not as host/api/openapi.json says: ${fault}; the body: ${body?.slice(0, 2000)}`);
  }
  if (answer.status >= 200 && answer.status < 300 && method !== 'HEAD') exercised.add(findOperation(method, target).name);
}

let items = 0;
// The same for what the notification stream says.
export function holdItemToContract(item) {
  if (++items > MOST_PUSHES) return;
  const fault = misfitOf('InboxItem', item);
  if (fault !== undefined) fail(`an item of the stream is not as host/api/openapi.json says: ${fault}; it is: ${JSON.stringify(item)}`);
}
