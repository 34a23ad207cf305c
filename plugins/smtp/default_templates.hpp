// The mail an admin gets without writing a template: one for an event, one for a digest, in text and in HTML.
// The HTML is tables and inline styles, which is what mail programs agree on; severity is a word beside its
// colour.
#pragma once

namespace smtp {

inline constexpr const char* kDefaultSubject =
    "{{#test}}Test: {{/test}}[{{severity_word}}] "
    "{{#digest}}{{count}} alerts for {{team}}: {{counts}}{{/digest}}{{^digest}}{{title}}{{/digest}}";

inline constexpr const char* kDefaultText = R"(
{{#test}}This mail was sent to test a channel; nothing has happened.

{{/test}}
{{#digest}}{{count}} alerts for {{team}}: {{counts}}

{{#events}}[{{severity_word}}] {{title}}
    {{time}}  {{type}}{{#source}}  {{source}}{{/source}}
{{#link}}    {{link}}
{{/link}}

{{/events}}{{#more}}and {{more}} more

{{/more}}{{/digest}}{{^digest}}{{severity_word}}: {{title}}

{{#summary}}{{summary}}

{{/summary}}{{#link}}{{link}}

{{/link}}Type:     {{type}}
{{#source}}Source:   {{source}}
{{/source}}Team:     {{team}}
Time:     {{time}}
{{#labels}}{{name}}: {{value}}
{{/labels}}
Event:    {{event_id}}
{{/digest}}Delivery: {{delivery_id}}
{{#console_url}}{{console_url}}
{{/console_url}})";

inline constexpr const char* kDefaultHtml = R"html(<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="color-scheme" content="light dark"></head>
<body style="margin:0;padding:16px;font-family:system-ui,-apple-system,'Segoe UI',Roboto,sans-serif;font-size:15px;line-height:1.45">
{{#test}}<p style="margin:0 0 16px">This mail was sent to test a channel; nothing has happened.</p>
{{/test}}
{{#digest}}<h1 style="margin:0 0 4px;font-size:20px">{{count}} alerts for {{team}}</h1>
<p style="margin:0 0 16px">{{counts}}</p>
<table role="presentation" style="border-collapse:collapse;width:100%">
{{#events}}<tr><td style="border-left:4px solid {{color}};padding:4px 12px 12px">
<strong>{{severity_word}}</strong> {{#link}}<a href="{{link}}">{{title}}</a>{{/link}}{{^link}}{{title}}{{/link}}<br>
<small>{{time}} &middot; {{type}}{{#source}} &middot; {{source}}{{/source}}</small></td></tr>
{{/events}}</table>
{{#more}}<p>and {{more}} more</p>
{{/more}}{{/digest}}
{{^digest}}<div style="border-left:4px solid {{color}};padding:0 12px">
<p style="margin:0"><strong>{{severity_word}}</strong></p>
<h1 style="margin:0 0 8px;font-size:20px">{{title}}</h1>
{{#summary}}<p style="margin:0 0 12px;white-space:pre-wrap">{{summary}}</p>
{{/summary}}
{{#link}}<p style="margin:0 0 12px"><a href="{{link}}">Open</a></p>
{{/link}}</div>
<table style="border-collapse:collapse;margin-top:16px">
<tr><th scope="row" style="text-align:left;padding:2px 16px 2px 0">Type</th><td>{{type}}</td></tr>
{{#source}}<tr><th scope="row" style="text-align:left;padding:2px 16px 2px 0">Source</th><td>{{source}}</td></tr>
{{/source}}
<tr><th scope="row" style="text-align:left;padding:2px 16px 2px 0">Team</th><td>{{team}}</td></tr>
<tr><th scope="row" style="text-align:left;padding:2px 16px 2px 0">Time</th><td>{{time}}</td></tr>
{{#labels}}<tr><th scope="row" style="text-align:left;padding:2px 16px 2px 0">{{name}}</th><td>{{value}}</td></tr>
{{/labels}}</table>
<p><small>Event {{event_id}}</small></p>
{{/digest}}
<p><small>Delivery {{delivery_id}}{{#console_url}} &middot; <a href="{{console_url}}">log</a>{{/console_url}}</small></p>
</body></html>
)html";

}  // namespace smtp
