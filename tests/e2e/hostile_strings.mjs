// 200 texts that somebody might put into an event or a form: markup in every context, templates, addresses, letters that turn
// or hide text, very long ones, and what other layers would trip over.
const MARKUP = [
  '<script>alert(1)</script>', '<img src=x onerror=alert(1)>', '<svg onload=alert(1)>', '<svg/onload=alert(1)//', '<body onload=alert(1)>',
  '<iframe src="javascript:alert(1)"></iframe>', '<iframe srcdoc="<script>alert(1)</script>">', '<object data="javascript:alert(1)">', '<embed src="javascript:alert(1)">',
  '<a href="javascript:alert(1)">x</a>', '<math><mi//xlink:href="data:x,<script>alert(1)</script>">', '<details open ontoggle=alert(1)>', '<video><source onerror=alert(1)>',
  '<input autofocus onfocus=alert(1)>', '<select onfocus=alert(1) autofocus>', '<marquee onstart=alert(1)>', '<form action="javascript:alert(1)"><button>x',
  '<style>*{display:none}</style>', '<link rel=stylesheet href=//evil.example/x.css>', '<base href="//evil.example/">', '<meta http-equiv=refresh content="0;url=//evil.example/">',
  '<template><script>alert(1)</script></template>', '<noscript><p title="</noscript><img src=x onerror=alert(1)>">', '<!--<img src="--><img src=x onerror=alert(1)//">',
  '<![CDATA[<script>alert(1)</script>]]>', '<xmp><img src=x onerror=alert(1)></xmp>', '<textarea></textarea><script>alert(1)</script>', '</title><script>alert(1)</script>',
  '</script><script>alert(1)</script>', '</style><script>alert(1)</script>', '<ScRiPt>alert(1)</sCrIpT>', '<script\n>alert(1)</script\n>', '<img/src=x/onerror=alert(1)>',
  '<img src=x onerror="alert(1)"', '<<script>alert(1)//<</script>', '<p onclick=alert(1)>click', '<div style="position:fixed;inset:0;background:red">', '<table><tr><td>', '</div></div></div></main>',
  '<h1>', '<button type=submit>', '<dialog open>', '<slot name=x>', '<tocsin-inbox>', '&lt;script&gt;alert(1)&lt;/script&gt;', '&#60;script&#62;', '&#x3c;img src=x&#x3e;', '&amp;lt;b&amp;gt;', '&nbsp;', '&',
];
const BREAKOUTS = [
  '"', "'", '`', '"><img src=x onerror=alert(1)>', "'><img src=x onerror=alert(1)>", '" onmouseover="alert(1)', "' onmouseover='alert(1)", '" autofocus onfocus="alert(1)',
  '"};alert(1);//', "');alert(1);//", '${alert(1)}', '`${alert(1)}`', '\\"-alert(1)//', '\\u003cscript\\u003e', '\\x3cscript\\x3e', '*/alert(1)/*', '//', '/*', '-->', ']]>', '%>', '?>',
];
const TEMPLATES = [
  '{{7*7}}', '{{constructor.constructor("alert(1)")()}}', '${7*7}', '#{7*7}', '<%= 7*7 %>', '{%raw%}', '[[7*7]]', '{{{x}}}', '{0}', '%s%s%s%n', '%x', '$(id)', '`id`', '; rm -rf /', '| cat', '&& id', '$HOME', '~',
  "'; DROP TABLE events; --", "' OR 1=1 --", '" OR ""="', '1; SELECT 1', '=1+1', '=HYPERLINK("//evil.example")', '+1', '-1', '@SUM(1)', '__proto__', 'constructor', 'toString', 'hasOwnProperty', '[object Object]', '<%2fscript>', '\'\'', '""', '{"a":1}', '[1,2', '\\', '\\\\', '\\n\\r', '://', 'http:', 'mailto:x@y', 'tel:1', 'about:blank', 'blob:x', 'COM1', 'nul', '.', '..', '....//', 'a;b,c|d',
  'null', 'undefined', 'NaN', 'true', '0', '-0', '1e309', '[]', '{}', 'true,false', 'on', 'javascript:alert(1)', ' javascript:alert(1)', 'JaVaScRiPt:alert(1)', 'java\tscript:alert(1)', 'data:text/html,<script>alert(1)</script>',
  'vbscript:alert(1)', '//evil.example', 'https://user:pass@evil.example', 'https://ex\u0430mple.com', 'file:///etc/passwd', '../../../etc/passwd', '..\\..\\x', '%2e%2e%2f', '%00', '%0d%0aSet-Cookie:x=y', '?a=b#c', '#/demo/audit', '#/sign-in/tcl_x',
];
const LETTERS = [
  '\u202Egnp.exe\u202C', '\u202Dabc', '\u2066abc\u2069', '\u200Ezero\u200F', 'zero\u200Bwidth', 'zero\u200Djoin\u200Cer', '\uFEFFmark', 'soft\u00ADhyphen', '\u2028line', '\u2029paragraph', '\u0085next',
  'a\u0300\u0301\u0302\u0303\u0304\u0305\u0306\u0307\u0308\u0309\u030A', `z${'\u0335\u0353\u031A'.repeat(60)}`, '\u{1F469}\u200D\u{1F469}\u200D\u{1F467}\u200D\u{1F466}', '\u{1F3F4}\u{E0067}\u{E0062}\u{E007F}', '\u{1F4A3}'.repeat(60), '\u05D0\u05D1\u05D2 abc', '\u0627\u0644\u0639\u0631\u0628\u064A\u0629 <b>',
  '\u6F22\u5B57'.repeat(50), '\uAC00\uAC01', '\u0E2A\u0E27\u0E31\u0E2A\u0E14\u0E35', '\u{10FFFF}', '\uFFFD', '\uFFFE', '\uFB01', '\u2126', '\u0130stanbul', 'stra\u00DFe', '\uFF1Cscript\uFF1E', '\u2039script\u203A', '\u02BAquote\u02BA', '\uA9FD', '\uFDFD', '\u12031'.repeat(3), '\u3164', '\u2800\u2800', '\u00A0', ' x ', 'tab', 'a  b   c', '\u2003wide\u2003',
];
const LONG = [
  'W'.repeat(900), 'i'.repeat(900), 'wwwwwwwwww '.repeat(80).trim(), '-'.repeat(500), '_'.repeat(500), '/'.repeat(500), '.'.repeat(500), `https://example.com/${'a'.repeat(800)}`, '\u2588'.repeat(300), 'a\u0301'.repeat(300), '()'.repeat(200), '0'.repeat(500), `${'x'.repeat(400)}\u200B${'y'.repeat(400)}`, '\u00A0'.repeat(100) + 'x', '\u202A'.repeat(50) + 'x',
];
export const HOSTILE = [...new Set([...MARKUP, ...BREAKOUTS, ...TEMPLATES, ...LETTERS, ...LONG])];
