//! The part of the plugin ABI that this channel needs, written by hand after <tocsin/plugin.h>.
//!
//! Why: the ABI is plain C, so a language that speaks C needs no binding generator. What it does not do: anything. Sizes
//! are asserted here, offsets by gotify_test.cpp against the header itself.

use std::os::raw::{c_char, c_void};

#[repr(C)]
#[derive(Clone, Copy)]
pub struct Str {
    pub ptr: *const c_char,
    pub len: usize,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct Kv {
    pub key: Str,
    pub value: Str,
}

#[repr(C)]
pub struct Doc {
    pub json: Str,
    pub flat: *const Kv,
    pub n_flat: usize,
}

#[repr(C)]
pub struct Error {
    pub size: u32,
    pub code: i32,
    pub pointer: [c_char; 128],
    pub text: [c_char; 504],
}

#[repr(C)]
pub struct Outcome {
    pub size: u32,
    pub status: i32,
    pub retry_after_ms: i64,
    pub provider_id: Str,
    pub code: Str,
    pub detail: Str,
    pub carry: Str,
}

#[repr(C)]
pub struct Event {
    pub size: u32,
    pub severity: u32,
    pub category: u32,
    pub reserved: u32,
    pub time_unix_ms: i64,
    pub id: Str,
    pub team: Str,
    pub kind: Str, // `type`, which is a word of Rust's
    pub source: Str,
    pub title: Str,
    pub summary: Str,
    pub link: Str,
    pub labels: *const Kv,
    pub n_labels: usize,
    pub data: Doc,
    pub json: Str,
}

#[repr(C)]
pub struct Message {
    pub size: u32,
    pub attempt: u32,
    pub flags: u32,
    pub reserved: u32,
    pub deadline_unix_ms: i64,
    pub id: Str,
    pub console_url: Str,
    pub events: *const *const Event,
    pub n_events: usize,
    pub carry: Str,
}

/// A handle: never looked into.
#[repr(C)]
pub struct Delivery {
    _opaque: [u8; 0],
}

#[repr(C)]
pub struct Host {
    pub size: u32,
    pub abi_minor: u32,
    pub ctx: *mut c_void,
    pub version: Str,
    pub team: Str,
    pub channel: Str,
    pub get_extension: unsafe extern "C" fn(*const Host, *const c_char) -> *const c_void,
    pub complete: unsafe extern "C" fn(*const Host, *mut Delivery, *const Outcome),
}

/// `I` is the plugin's own instance: the host only carries the pointer.
#[repr(C)]
pub struct ChannelApi<I> {
    pub create: unsafe extern "C" fn(*const Host, *const Doc, *mut Error) -> *mut I,
    pub destroy: unsafe extern "C" fn(*mut I),
    pub deliver: unsafe extern "C" fn(*mut I, *const Message, *mut Delivery),
    pub cancel: Option<unsafe extern "C" fn(*mut I, *mut Delivery)>,
    pub verify: Option<unsafe extern "C" fn(*mut I, *mut Delivery)>,
    pub get_extension: Option<unsafe extern "C" fn(*mut I, *const c_char) -> *const c_void>,
}

#[repr(C)]
pub struct ChannelType<I: 'static> {
    pub size: u32,
    pub threading: u32,
    pub flags: u32,
    pub retries: u32,
    pub rate_per_minute: u32,
    pub burst: u32,
    pub kind: *const c_char,
    pub name: *const c_char,
    pub summary: *const c_char,
    pub version: *const c_char,
    pub vendor: *const c_char,
    pub license: *const c_char,
    pub url: *const c_char,
    pub settings_schema: *const c_char,
    pub requires_ext: *const *const c_char,
    pub uses_ext: *const *const c_char,
    pub egress: *const *const c_char,
    pub api: *const ChannelApi<I>,
}

#[repr(C)]
pub struct Plugin<I: 'static> {
    pub size: u32,
    pub abi_minor: u32,
    pub sdk: *const c_char,
    pub types: *const *const ChannelType<I>,
    pub n_types: usize,
}

#[repr(C)]
pub struct HttpRequest {
    pub size: u32,
    pub timeout_ms: u32,
    pub flags: u32,
    pub body_secrets: u32,
    pub method: Str,
    pub url: Str,
    pub headers: *const Kv,
    pub n_headers: usize,
    pub body: Str,
    pub basic_user: Str,
    pub basic_password: Str,
}

#[repr(C)]
pub struct HttpResponse {
    pub size: u32,
    pub io_error: u32,
    pub status: i32,
    pub request_sent: u32,
    pub retry_after_ms: i64,
    pub elapsed_ms: u32,
    pub body_truncated: u32,
    pub headers: *const Kv,
    pub n_headers: usize,
    pub body: Str,
}

pub type HttpFn<I> = unsafe extern "C" fn(*mut I, *mut Delivery, *const HttpResponse, *mut c_void);

#[repr(C)]
pub struct Http<I> {
    pub submit: unsafe extern "C" fn(*const Host, *mut Delivery, *const HttpRequest, HttpFn<I>, *mut c_void) -> i32,
}

pub const DELIVERED: i32 = 1;
pub const RETRY: i32 = 3;
pub const RATE_LIMITED: i32 = 4;
pub const REJECTED: i32 = 5;
pub const MISCONFIGURED: i32 = 7;
pub const UNCERTAIN: i32 = 9;

pub const OK: i32 = 0;
pub const E_STALE: i32 = -2;
pub const E_DENIED: i32 = -3;
pub const E_TOO_LARGE: i32 = -5;
pub const E_INVALID: i32 = -1;
pub const E_UNKNOWN_SECRET: i32 = -6;
pub const E_BAD_SECRET: i32 = -7;

pub const IO_BLOCKED: u32 = 8;
pub const IO_BAD_REQUEST: u32 = 9;

pub const RETRIES_CHAT: u32 = 1;
pub const TEST: u32 = 1;

const _: () = assert!(std::mem::size_of::<Str>() == 16);
const _: () = assert!(std::mem::size_of::<Kv>() == 32);
const _: () = assert!(std::mem::size_of::<Doc>() == 32);
const _: () = assert!(std::mem::size_of::<Error>() == 640);
const _: () = assert!(std::mem::size_of::<Outcome>() == 80);
const _: () = assert!(std::mem::size_of::<Event>() == 200);
const _: () = assert!(std::mem::size_of::<Message>() == 88);
const _: () = assert!(std::mem::size_of::<Host>() == 80);
const _: () = assert!(std::mem::size_of::<ChannelApi<()>>() == 48);
const _: () = assert!(std::mem::size_of::<ChannelType<()>>() == 120);
const _: () = assert!(std::mem::size_of::<Plugin<()>>() == 32);
const _: () = assert!(std::mem::size_of::<HttpRequest>() == 112);
const _: () = assert!(std::mem::size_of::<HttpResponse>() == 64);
const _: () = assert!(std::mem::size_of::<Http<()>>() == 8);
