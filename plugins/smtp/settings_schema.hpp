// The form of a mail channel. What it cannot say, settings.cpp checks.
#pragma once

namespace smtp {

inline constexpr const char* kSettingsSchema = R"json({
  "$schema": "http://json-schema.org/draft-07/schema#",
  "type": "object",
  "required": ["server", "to"],
  "additionalProperties": false,
  "properties": {
    "server": {
      "title": "SMTP server", "type": "string", "minLength": 1, "maxLength": 253,
      "description": "The mail server's host name, for example smtp.gmail.com.",
      "examples": ["mail.example.com"]
    },
    "port": {
      "title": "SMTP port", "type": "integer", "minimum": 1, "maximum": 65535,
      "description": "Usually 587; 465 where TLS begins at once. Left out, it is the usual one."
    },
    "security": {
      "title": "Encryption", "type": "string", "enum": ["starttls", "implicit", "none"], "default": "starttls",
      "description": "starttls: encrypted after the greeting, and never sent without. implicit: encrypted from the start. none: in the clear, only where the operator allows it."
    },
    "auth": {
      "title": "Sign-in", "type": "string", "enum": ["password", "xoauth2", "none"],
      "description": "password: user name and password. xoauth2: user name and an OAuth access token, which Microsoft 365 asks for. Left out: password where one is given, else none."
    },
    "username": {
      "title": "User name", "type": "string", "minLength": 1, "maxLength": 254,
      "description": "The account that sends the mail, usually its address.",
      "examples": ["alerts@example.com"]
    },
    "password": {
      "title": "Password", "type": "string", "writeOnly": true, "minLength": 1, "maxLength": 4096,
      "description": "The account's password, an app password (Gmail and others ask for one), or the access token for xoauth2. Never shown again."
    },
    "from": {
      "title": "From address", "type": "string", "minLength": 1, "maxLength": 320,
      "description": "The sender that recipients see. Left out, it is the user name.",
      "examples": ["alerts@example.com"]
    },
    "from_name": {
      "title": "From name", "type": "string", "maxLength": 100,
      "description": "A name beside the sender's address, for example Security alerts."
    },
    "to": {
      "title": "Recipients", "type": "array", "minItems": 1, "maxItems": 100,
      "items": {"title": "Address", "type": "string", "minLength": 1, "maxLength": 320, "examples": ["ops@example.com"]},
      "description": "1 to 100 addresses. Each gets a mail of its own and does not see the others."
    },
    "reply_to": {
      "title": "Reply-to address", "type": "string", "minLength": 1, "maxLength": 320,
      "description": "Where answers go, if not to the sender.",
      "examples": ["security@example.com"]
    },
    "subject": {
      "title": "Subject template", "type": "string", "minLength": 1, "maxLength": 1000,
      "description": "Mustache, for example [{{severity_word}}] {{title}}. Left out, there is a good one."
    },
    "text": {
      "title": "Text template", "type": "string", "minLength": 1, "maxLength": 16384,
      "description": "Mustache, for the plain text of the mail."
    },
    "html": {
      "title": "HTML template", "type": "string", "minLength": 1, "maxLength": 16384,
      "description": "Mustache, for the HTML of the mail. Values are escaped."
    },
    "ehlo": {
      "title": "Host name to greet with", "type": "string", "minLength": 1, "maxLength": 253,
      "description": "Only where the mail server asks for a certain name."
    },
    "timeout_seconds": {
      "title": "Timeout", "type": "integer", "minimum": 10, "maximum": 90, "default": 60,
      "description": "Seconds for one mail, from connecting to the server's last answer."
    }
  }
})json";

}  // namespace smtp
