//! The Gotify channel: a push message to a Gotify server of one's own. In Rust, without a crate, to show that the ABI is
//! one. What it does not do: attach images, or delete messages.
//!
//! Everything that the host calls is `guarded`: a panic must not cross into C, so it ends the delivery instead.

mod abi;
#[cfg(layout)]
mod layout;

use abi::*;
use std::ffi::c_void;
use std::os::raw::c_char;
use std::panic::{catch_unwind, AssertUnwindSafe};

const SCHEMA: &str = concat!(
    r#"{"type": "object", "required": ["server", "token"], "additionalProperties": false, "properties": {"#,
    r#""server": {"title": "Server", "type": "string", "format": "uri", "minLength": 1, "maxLength": 512,"#,
    r#" "description": "The Gotify server's address.", "examples": ["https://push.example.com"]},"#,
    r#""token": {"title": "Application token", "type": "string", "format": "http-header-value", "writeOnly": true,"#,
    r#" "minLength": 1, "maxLength": 256, "description": "Of an application, from the server's Apps page."}}}"#,
    "\0"
);

const MOST_MESSAGE: usize = 4000; // bytes: a notification, not an archive

pub struct Instance {
    host: *const Host,
    http: *const Http<Instance>,
    url: String,
    token: String, // never the value: the host puts it in its place when it sends
}

// --- texts ---------------------------------------------------------------------------------------------------------

/// What the host hands in is UTF-8, except an answer's body.
///
/// # Safety
/// `text` points at `len` bytes that live as long as 'a.
unsafe fn view<'a>(text: Str) -> &'a [u8] {
    if text.ptr.is_null() || text.len == 0 {
        &[]
    } else {
        std::slice::from_raw_parts(text.ptr.cast(), text.len)
    }
}

unsafe fn text<'a>(value: Str) -> std::borrow::Cow<'a, str> {
    String::from_utf8_lossy(view(value))
}

fn str_of(text: &str) -> Str {
    Str { ptr: text.as_ptr().cast(), len: text.len() }
}

const ABSENT: Str = Str { ptr: std::ptr::null(), len: 0 };

fn cut(text: &str, most: usize) -> &str {
    let mut end = most.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

fn json(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c < ' ' || c == '\x7f' => out.push_str(&format!("\\u{:04x}", c as u32)),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// The scalar at a JSON Pointer of the settings, or "".
unsafe fn setting(doc: *const Doc, pointer: &str) -> String {
    let doc = &*doc;
    if doc.n_flat == 0 {
        return String::new();
    }
    let scalars = std::slice::from_raw_parts(doc.flat, doc.n_flat);
    let found = scalars.iter().find(|one| view(one.key) == pointer.as_bytes());
    found.map_or(String::new(), |one| text(one.value).into_owned())
}

// --- what is sent, and what the answer means -----------------------------------------------------------------------

/// Gotify's priorities are 0 to 10; from 4 a phone rings, from 8 it insists.
fn priority(severity: u32) -> u32 {
    [1, 3, 5, 7, 10].get(severity as usize).copied().unwrap_or(1)
}

unsafe fn render(message: &Message) -> String {
    let event = &**message.events;
    let title = text(event.title);
    let title = if title.trim().is_empty() { text(event.kind) } else { title };
    let test = if message.flags & TEST != 0 { "Test: " } else { "" };
    let summary = text(event.summary);
    // Gotify refuses an empty message.
    let body = if summary.trim().is_empty() { &title } else { &summary };
    let mut out = format!(
        "{{\"title\":{},\"message\":{},\"priority\":{},\"extras\":{{\"client::display\":{{\"contentType\":\"text/plain\"}}",
        json(&format!("{test}{}", cut(&title, 250))),
        json(cut(body, MOST_MESSAGE)),
        priority(event.severity)
    );
    let link = text(event.link);
    if link.starts_with("https://") || link.starts_with("http://") {
        out.push_str(&format!(",\"client::notification\":{{\"click\":{{\"url\":{}}}}}", json(&link)));
    }
    out.push_str("}}");
    out
}

/// The number in `"id":123` of Gotify's answer, by which the message can be found there.
fn message_id(body: &str) -> &str {
    let rest = body.split_once("\"id\":").map_or("", |(_, rest)| rest.trim_start());
    &rest[..rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len())]
}

fn meaning(reply: &HttpResponse) -> (i32, &'static str, &'static str) {
    match reply.status {
        0 if reply.io_error == IO_BLOCKED || reply.io_error == IO_BAD_REQUEST => {
            (MISCONFIGURED, "net.gotify.unsendable", "the host will not send to this server")
        }
        0 if reply.request_sent != 0 => (UNCERTAIN, "net.gotify.no_answer", "no answer came from the server"),
        0 => (RETRY, "net.gotify.no_connection", "the server could not be reached"),
        200..=299 => (DELIVERED, "", ""),
        401 | 403 => (MISCONFIGURED, "net.gotify.token", "the server does not take this application token"),
        408 | 425 | 500..=599 => (RETRY, "net.gotify.server", "the server has trouble of its own"),
        429 => (RATE_LIMITED, "net.gotify.slow_down", "the server asks for patience"),
        300..=399 | 404 | 405 => (MISCONFIGURED, "net.gotify.address", "there is no Gotify server at this address"),
        _ => (REJECTED, "net.gotify.refused", "the server refused the message"),
    }
}

// --- what the host calls -------------------------------------------------------------------------------------------

unsafe fn complete(host: *const Host, delivery: *mut Delivery, status: i32, code: &str, detail: &str, id: &str, ms: i64) {
    let outcome = Outcome {
        size: std::mem::size_of::<Outcome>() as u32,
        status,
        retry_after_ms: ms.max(0),
        provider_id: str_of(id),
        code: str_of(code),
        detail: str_of(detail),
        carry: ABSENT,
    };
    ((*host).complete)(host, delivery, &outcome);
}

/// Runs `body`; a panic in it ends the delivery.
unsafe fn guarded(instance: *mut Instance, delivery: *mut Delivery, body: impl FnOnce()) {
    if catch_unwind(AssertUnwindSafe(body)).is_err() {
        complete((*instance).host, delivery, REJECTED, "net.gotify.panic", "the plugin panicked", "", 0);
    }
}

unsafe extern "C" fn create(host: *const Host, settings: *const Doc, error: *mut Error) -> *mut Instance {
    let made = catch_unwind(AssertUnwindSafe(|| {
        let http = ((*host).get_extension)(host, HTTP.as_ptr().cast());
        let server = setting(settings, "/server");
        let url = format!("{}/message", server.trim_end_matches('/'));
        Box::into_raw(Box::new(Instance { host, http: http.cast(), url, token: setting(settings, "/token") }))
    }));
    made.unwrap_or_else(|_| {
        let words = b"the plugin panicked\0";
        std::ptr::copy_nonoverlapping(words.as_ptr().cast(), (*error).text.as_mut_ptr(), words.len());
        std::ptr::null_mut()
    })
}

unsafe extern "C" fn destroy(instance: *mut Instance) {
    drop(Box::from_raw(instance));
}

unsafe extern "C" fn answered(
    instance: *mut Instance,
    delivery: *mut Delivery,
    reply: *const HttpResponse,
    _user: *mut c_void,
) {
    guarded(instance, delivery, || {
        let reply = &*reply;
        let (status, code, detail) = meaning(reply);
        let body = text(reply.body);
        let id = if status == DELIVERED { message_id(&body) } else { "" };
        complete((*instance).host, delivery, status, code, detail, id, reply.retry_after_ms);
    });
}

unsafe extern "C" fn deliver(instance: *mut Instance, message: *const Message, delivery: *mut Delivery) {
    guarded(instance, delivery, || {
        let this = &*instance;
        let body = render(&*message);
        let headers = [
            Kv { key: str_of("Content-Type"), value: str_of("application/json") },
            Kv { key: str_of("X-Gotify-Key"), value: str_of(&this.token) },
        ];
        let request = HttpRequest {
            size: std::mem::size_of::<HttpRequest>() as u32,
            timeout_ms: 0,
            flags: 0,
            body_secrets: 0,
            method: ABSENT,
            url: str_of(&this.url),
            headers: headers.as_ptr(),
            n_headers: headers.len(),
            body: str_of(&body),
            basic_user: ABSENT,
            basic_password: ABSENT,
        };
        // The host copies the request before this returns.
        match ((*this.http).submit)(this.host, delivery, &request, answered, std::ptr::null_mut()) {
            OK | E_STALE => {}
            E_DENIED | E_UNKNOWN_SECRET | E_BAD_SECRET => {
                complete(this.host, delivery, MISCONFIGURED, "net.gotify.denied", "the host does not allow it", "", 0)
            }
            E_TOO_LARGE | E_INVALID => {
                complete(this.host, delivery, REJECTED, "net.gotify.not_sent", "the host did not take it", "", 0)
            }
            _ => complete(this.host, delivery, RETRY, "net.gotify.busy", "the host cannot take it now", "", 0),
        }
    });
}

// --- the tables ----------------------------------------------------------------------------------------------------

/// A table of pointers that never changes and that any thread may read.
#[repr(transparent)]
struct Fixed<T>(T);
unsafe impl<T> Sync for Fixed<T> {}

const HTTP: &str = "tocsin.http/1\0";

const fn c(text: &'static str) -> *const c_char {
    text.as_ptr() as *const c_char
}

static REQUIRES: Fixed<[*const c_char; 2]> = Fixed([c(HTTP), std::ptr::null()]);
static EGRESS: Fixed<[*const c_char; 2]> = Fixed([c("settings:/server\0"), std::ptr::null()]);
static API: ChannelApi<Instance> = ChannelApi { create, destroy, deliver, cancel: None, verify: None, get_extension: None };
static TYPE: Fixed<ChannelType<Instance>> = Fixed(ChannelType {
    size: std::mem::size_of::<ChannelType<Instance>>() as u32,
    threading: 0,
    flags: 0,
    retries: RETRIES_CHAT,
    rate_per_minute: 0,
    burst: 0,
    kind: c("net.gotify\0"),
    name: c("Gotify\0"),
    summary: c("Pushes each alert to a Gotify server\0"),
    version: c("1.0.0\0"),
    vendor: c("tocsin examples\0"),
    license: c("Apache-2.0\0"),
    url: c("https://gotify.net\0"),
    settings_schema: c(SCHEMA),
    requires_ext: REQUIRES.0.as_ptr(),
    uses_ext: std::ptr::null(),
    egress: EGRESS.0.as_ptr(),
    api: &API,
});
static TYPES: Fixed<[*const ChannelType<Instance>; 1]> = Fixed([&TYPE.0]);
static PLUGIN: Fixed<Plugin<Instance>> = Fixed(Plugin {
    size: std::mem::size_of::<Plugin<Instance>>() as u32,
    abi_minor: 0,
    sdk: c("by hand, in Rust\0"),
    types: TYPES.0.as_ptr(),
    n_types: 1,
});

/// The one exported function.
#[no_mangle]
pub extern "C" fn tocsin_plugin_v1() -> *const c_void {
    (&PLUGIN.0 as *const Plugin<Instance>).cast()
}
