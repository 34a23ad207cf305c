// See value_rules.hpp. Patterns run on RE2, for the reason settings_rules.cpp gives.
#include "plugin/value_rules.hpp"

#include <re2/re2.h>

#include <algorithm>
#include <boost/json/array.hpp>

#include "plugin/egress_target.hpp"
#include "plugin/settings_rules.hpp"

namespace tocsin::plugin {

namespace json = boost::json;

namespace {

RE2::Options quiet() {
  RE2::Options options;
  options.set_log_errors(false);
  return options;
}

re2::StringPiece piece(std::string_view text) {
  return {text.data(), text.size()};
}

std::string hosts_fault(const json::value& value) {
  const auto* list = value.if_array();
  if (list == nullptr || list->empty()) return "must be a list of host names";
  for (const auto& host : *list) {
    if (!host.is_string()) return "must be a list of host names";
    const std::string name(host.get_string());
    if (!egress_pattern_fault(name + ":443").empty()) {
      return "has \"" + name + "\", which is no host name such as \"api.example.com\" or \"*.example.com\"";
    }
  }
  return "";
}

std::string refusal_fault(const json::value& value) {
  const auto* rule = value.if_object();
  const bool sound = rule != nullptr && rule->size() == 2 && rule->contains("message") &&
                     rule->contains("pattern") != rule->contains("unless") &&
                     std::all_of(rule->begin(), rule->end(), [](const auto& member) {
                       return member.value().is_string() && !member.value().get_string().empty();
                     });
  if (!sound)
    return "must be a list of {\"pattern\" or \"unless\": a regular expression, \"message\": a sentence}";
  const auto& pattern = rule->contains("pattern") ? rule->at("pattern") : rule->at("unless");
  const RE2 regex(piece(pattern.get_string()), quiet());
  return regex.ok() ? "" : "has a pattern that is no RE2 regular expression: " + regex.error();
}

std::string_view host_of(std::string_view target) {
  std::string_view host = target.substr(0, target.rfind(':'));
  if (host.starts_with('[')) host = host.substr(1, host.size() - 2);
  return host;
}

bool host_allowed(std::string_view url, const json::array& hosts, const security::AddressPolicy& policy) {
  const auto target = find_target(url);
  if (!target) return false;
  const std::string_view host = host_of(*target);
  if (const auto address = security::parse_address(host)) return policy.opened(*address);
  return std::any_of(hosts.begin(), hosts.end(), [&](const json::value& one) {
    const std::string pattern(one.get_string());
    return target_allowed(host, {&pattern, 1});
  });
}

std::string list_hosts(const json::array& hosts) {
  std::string text;
  for (const auto& host : hosts) {
    text += text.empty() ? "" : ", ";
    text += std::string_view(host.get_string());
  }
  return text;
}

// The message of the first rule of that kind ("pattern" or "unless") which refuses the text.
std::string refusal_by(const json::object& schema, std::string_view kind, std::string_view text) {
  const auto* rules = schema.if_contains(kRefuseKeyword);
  if (rules == nullptr) return "";
  for (const auto& rule : rules->get_array()) {
    const auto* expression = rule.get_object().if_contains(kind);
    if (expression == nullptr) continue;
    const RE2 regex(piece(expression->get_string()), quiet());
    if (RE2::PartialMatch(piece(text), regex) == (kind == "pattern"))
      return std::string(rule.get_object().at("message").get_string());
  }
  return "";
}

// What is recognised is answered first; what a URL lacks matters only once it is one of the right host.
std::string refusal_of(const json::object& schema, std::string_view text,
                       const security::AddressPolicy& policy) {
  if (std::string refusal = refusal_by(schema, "pattern", text); !refusal.empty()) return refusal;
  if (const auto* hosts = schema.if_contains(kHostsKeyword)) {
    if (!host_allowed(text, hosts->get_array(), policy)) {
      return "must name one of the hosts " + list_hosts(hosts->get_array()) +
             "; a receiver of your own needs its address opened by the operator (egress.allow)";
    }
  }
  return refusal_by(schema, "unless", text);
}

}  // namespace

std::string value_rule_fault(std::string_view keyword, const json::value& value) {
  if (keyword == kHostsKeyword) return hosts_fault(value);
  if (keyword != kRefuseKeyword) return "";
  const auto* rules = value.if_array();
  if (rules == nullptr || rules->empty()) return refusal_fault({});
  for (const auto& rule : *rules) {
    if (std::string fault = refusal_fault(rule); !fault.empty()) return fault;
  }
  return "";
}

std::vector<FieldError> find_refused_values(const json::object& schema, json::value& settings,
                                            const security::AddressPolicy& policy) {
  std::vector<FieldError> faults;
  visit_values(schema, settings,
               [&](const std::string& pointer, const json::object& part, json::value& value) {
                 const auto* text = value.if_string();
                 if (text == nullptr) return;
                 std::string fault = refusal_of(part, *text, policy);
                 if (!fault.empty()) faults.push_back({pointer, std::move(fault)});
               });
  return faults;
}

}  // namespace tocsin::plugin
