// One plugin for each way to break the contract, and where a daemon says so: the table that faults.test.mjs goes
// through, and how docs/faults.md is made of what was seen. What it does not know: what the validator makes of each,
// which the test asks.
import fs from 'node:fs';
import path from 'node:path';

const ROOT = path.resolve(import.meta.dirname ?? '.', '../..');
const SOURCES = path.join(ROOT, 'tests', 'plugins', 'faulty');
export const DOCUMENT = path.join(ROOT, 'docs', 'faults.md');
const BEGIN = '<!-- from here on written by tests/e2e/faults.test.mjs -->\n';
const END = '<!-- up to here -->\n';

const ENDS = 'not survivable: it ends the daemon';
const HOLDS = 'not survivable: it keeps a thread of the daemon for ever';
const OWN = 'nobody: its process is the daemon itself'; // what is everybody's there is changed without a word
const url = (more = '') => (receiver) => `url = "${receiver.url('/bad')}"\n${more}`;
const token = 'token = "the-secret-value-of-this-test"\n';
const crash = (how) => ({ says: ['last_fault', how], crashes: true, inProcess: ENDS });

// `says`: where the daemon names the fault, and in which words. problem: of the plugin in GET /v1/plugins; reason: of
// its channel there; outcome: of an attempt; last_fault: of its sandbox; log: a line. `alone`: the same where it runs in
// the daemon's own process, where that is another; `inProcess`: why it is not named or not tried there.
// `when`: at work, unless it shows when the plugin is loaded, when a channel is made, unmade, or gone.
export const FAULTS = [
  { name: 'text', when: 'load', says: ['problem', /is not a shared library/], sin: 'It is a text file that somebody renamed.' },
  { name: 'missing_symbol', when: 'load', says: ['problem', /tocsin_test_no_such_function/] },
  { name: 'no_entry', when: 'load', says: ['problem', /exports no tocsin_plugin_v1/] },
  { name: 'null_return', when: 'load', says: ['problem', /returned NULL from tocsin_plugin_v1/] },
  { name: 'wrong_abi', when: 'load', says: ['problem', /a descriptor of size 0/] },
  { name: 'wrong_size', when: 'load', says: ['problem', /has a size of 12/] },
  { name: 'null_api', when: 'load', says: ['problem', /\.api is NULL/] },
  { name: 'bad_type_id', when: 'load', says: ['problem', /a malformed id/] },
  { name: 'bad_schema', when: 'load', says: ['problem', /settings schema that is no JSON/] },
  { name: 'unknown_extension', when: 'load', says: ['problem', /acme\.teleport\/1/] },
  { name: 'aborts_at_load', when: 'load', says: ['problem', /does not load: its process ended with SIGABRT/], inProcess: ENDS },

  { name: 'create_fails', when: 'create', says: ['log', /reload refused.*never accepts its settings/] },
  { name: 'null_create', when: 'create', says: ['reason', /returned NULL from create\(\)/] },
  { name: 'throws_in_create', when: 'create', says: ['reason', /threw from create\(\)/] },
  { name: 'hangs_in_create', when: 'create', says: ['reason', /did not answer for 5 s/], inProcess: HOLDS },

  { name: 'throws', says: ['outcome', /plugin\.threw.*threw from deliver\(\)/] },
  { name: 'zero_outcome', says: ['outcome', /plugin\.bad_outcome.*size 0/] },
  { name: 'double_complete', says: ['reason', /completed delivery \S+ twice/] },
  { name: 'completes_other', says: ['reason', /completed a delivery that it was never given/], waits: true },
  { name: 'completes_in_destroy', when: 'unmake', says: ['log', /completed delivery \S+ twice/] },
  { name: 'completes_after_destroy', when: 'unmake', says: ['log', /called its host after destroy\(\)/] },
  { name: 'never_complete', says: ['outcome', /plugin\.timeout/], late: true, waits: true },
  { name: 'asks_undeclared', says: ['log', /asks for the extension tocsin\.http\/1/] },
  { name: 'big_note', says: ['log', /left a note of 5000 bytes/] },
  { name: 'big_outcome', says: ['outcome', /^rejected test\.long_story: \.{500,}/] },
  { name: 'big_body', settings: url(), says: ['outcome', /rejected test\.refused/] },
  { name: 'bad_utf8', says: ['reason', /not UTF-8/] },
  { name: 'floods_log', says: ['log', /wrote too much; \d+ lines were left out/] },
  { name: 'prints', says: ['log', /wrote to stdout or stderr: delivering/], inProcess: OWN },
  { name: 'bad_json', settings: url(), answers: 'json', says: ['outcome', /rejected/] },
  { name: 'calls_home', settings: url(), says: ['outcome', /misconfigured test\.refused/] },
  { name: 'trusts_all', settings: url(), answers: 500, says: ['reason', /takes a failure for success/] },
  { name: 'gives_up', settings: url(), answers: 503, says: ['reason', /gives up on what passes by itself/] },
  { name: 'counts', settings: url(), answers: 500, says: undefined },
  { name: 'shows_secret', settings: url('api_token = "shown"\n'), says: undefined },
  { name: 'sends_token', settings: url(token), says: ['reason', /sends the token of a secret/] },
  { name: 'tells_token', settings: url(token), says: ['reason', /told the token of a secret/] },
  { name: 'logs_token', settings: url(token), says: ['reason', /logs the token of a secret/] },

  { name: 'leaks', when: 'gone', events: 3000, says: ['log', /keeps memory/], inProcess: OWN },
  { name: 'leaves_pipes', when: 'gone', says: ['log', /keeps descriptors open/], inProcess: OWN },
  { name: 'leaves_thread', when: 'gone', says: ['log', /keeps threads running/], inProcess: OWN },
  { name: 'leaves_file', says: ['log', /tried openat/], inProcess: OWN },
  { name: 'changes_locale', says: ['log', /tried openat/], inProcess: OWN },
  { name: 'changes_directory', says: ['log', /tried chdir/], inProcess: OWN },
  { name: 'takes_signal', says: ['log', /changed the handler of signal 15/], inProcess: OWN },
  { name: 'forks', says: ['log', /tried clone/], inProcess: OWN },
  { name: 'connects', says: ['log', /tried socket/], inProcess: OWN, validated: ['--sandbox'] },

  { name: 'runs_command', ...crash(/SIGSYS.*posix_spawn/), inProcess: OWN },
  { name: 'spins', says: ['last_fault', /did not answer for 5 s/], waits: true, inProcess: HOLDS, validated: ['--time-limit', '2'] },
  { name: 'exits', ...crash(/ended with status 0/) },
  { name: 'aborts', ...crash(/SIGABRT/) },
  { name: 'reads_null', ...crash(/SIGSEGV/) },
  { name: 'jumps_out', ...crash(/SIGSEGV/) },
  { name: 'recurses', ...crash(/SIGSEGV/) },
  { name: 'writes_const', ...crash(/SIGSEGV/) },
  { name: 'writes_host', ...crash(/SIGSEGV/) },
  { name: 'frees_twice', ...crash(/SIGABRT.*double free/) },
  { name: 'closes_descriptors', ...crash(/closed descriptors that are not its own/) },
];

// The first comment of its source, which says the sin.
export function sinOf(fault) {
  if (fault.sin) return fault.sin;
  const file = ['.c', '.cpp'].map((end) => path.join(SOURCES, fault.name + end)).find((each) => fs.existsSync(each));
  const text = fs.readFileSync(file, 'utf8');
  const comment = text.startsWith('//') ? /^(\/\/.*\n)+/.exec(text)[0].replace(/^\/\/ ?/gm, '') : /^\/\*([^]*?)\*\//.exec(text)[1];
  return comment.replace(/\n \*/g, '\n').replace(/\s+/g, ' ').trim();
}

// What differs from run to run does not belong into a document.
const steady = (text) =>
  text
    .replace(/(\/[\w.-]+)+\/(\w+\.(?:so|toml))/g, '$2')
    .replace(/dlv_\w+/g, 'dlv_…')
    .replace(/ \(\d+ faults since it was made\)/, '')
    .replace(/\d+ \((pipe|\/dev\/null)(:\[\d+\])?\)/, 'a $1')
    .replace(/about \d+ bytes/, 'about N bytes')
    .replace(/; \d+ lines were left out/, '; N lines were left out')
    .replace(/\bdelivering\b[^"]*/, 'delivering …') // one line of it or many, as they come
    .replace(/\.{20,}…?/, '…')
    .replace(/tsec_\w+/g, 'tsec_…');
const cell = (text) => steady(text).replace(/\|/g, '\\|').replace(/\s+/g, ' ').trim();

// `seen`: by name, {validator, sandboxed, becomes, alone}.
export function table(seen) {
  const head = '| the plugin | `tocsin plugin validate` says | the daemon says | what becomes of it, in a sandbox | in the daemon\'s own process |\n|---|---|---|---|---|\n';
  return (
    head +
    FAULTS.map((fault) => {
      const { validator, sandboxed, becomes, alone } = seen.get(fault.name);
      return `| \`${fault.name}\`: ${[sinOf(fault), validator, sandboxed, becomes, alone].map(cell).join(' | ')} |\n`;
    }).join('')
  );
}

// The part of the document that is written by the test; as a pair with the whole.
export function readDocument() {
  const whole = fs.readFileSync(DOCUMENT, 'utf8');
  const from = whole.indexOf(BEGIN) + BEGIN.length;
  return { whole, written: whole.slice(from, whole.indexOf(END)).trim() + '\n' };
}

export function writeDocument(text) {
  const { whole } = readDocument();
  const from = whole.indexOf(BEGIN) + BEGIN.length;
  fs.writeFileSync(DOCUMENT, `${whole.slice(0, from)}\n${text}\n${whole.slice(whole.indexOf(END))}`);
}
