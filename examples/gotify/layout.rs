//! Where every field of abi.rs lies, told to gotify_test.cpp, which knows where the C header has them. Built into the
//! test alone (--cfg layout).

use crate::abi::*;
use std::mem::MaybeUninit;
use std::os::raw::c_char;
use std::ptr::addr_of;

macro_rules! offsets {
    ($($name:literal: $type:ty { $($field:ident),* })*) => {
        vec![$($({
            let whole = MaybeUninit::<$type>::uninit();
            let start = whole.as_ptr();
            // SAFETY: no field is read, only its address taken.
            let at = unsafe { addr_of!((*start).$field) as usize } - start as usize;
            (concat!($name, ".", stringify!($field), "\0"), at)
        }),*),*]
    };
}

fn all() -> Vec<(&'static str, usize)> {
    offsets! {
        "tocsin_str": Str { ptr, len }
        "tocsin_kv": Kv { key, value }
        "tocsin_doc": Doc { json, flat, n_flat }
        "tocsin_error": Error { size, code, pointer, text }
        "tocsin_outcome": Outcome { size, status, retry_after_ms, provider_id, code, detail, carry }
        "tocsin_event": Event { size, severity, category, reserved, time_unix_ms, id, team, kind, source, title,
                                summary, link, labels, n_labels, data, json }
        "tocsin_message": Message { size, attempt, flags, reserved, deadline_unix_ms, id, console_url, events,
                                    n_events, carry }
        "tocsin_host": Host { size, abi_minor, ctx, version, team, channel, get_extension, complete }
        "tocsin_channel_api": ChannelApi<()> { create, destroy, deliver, cancel, verify, get_extension }
        "tocsin_channel_type": ChannelType<()> { size, threading, flags, retries, rate_per_minute, burst, kind, name,
                                                 summary, version, vendor, license, url, settings_schema,
                                                 requires_ext, uses_ext, egress, api }
        "tocsin_plugin": Plugin<()> { size, abi_minor, sdk, types, n_types }
        "tocsin_http_request": HttpRequest { size, timeout_ms, flags, body_secrets, method, url, headers, n_headers,
                                             body, basic_user, basic_password }
        "tocsin_http_response": HttpResponse { size, io_error, status, request_sent, retry_after_ms, elapsed_ms,
                                               body_truncated, headers, n_headers, body }
        "tocsin_http": Http<()> { submit }
    }
}

/// The name ("tocsin_str.len") and the offset of the field of that number; NULL past the last.
///
/// # Safety
/// `offset` can be written to.
#[no_mangle]
pub unsafe extern "C" fn gotify_layout(number: usize, offset: *mut usize) -> *const c_char {
    match all().get(number) {
        Some((name, at)) => {
            *offset = *at;
            name.as_ptr().cast()
        }
        None => std::ptr::null(),
    }
}
