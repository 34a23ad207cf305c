// /v1/plugins: what is loaded, where it runs and how it does; and an end to a quarantine. See service.hpp for
// threads.
#include <algorithm>

#include "api/render.hpp"
#include "api/service.hpp"
#include "model/json_text.hpp"
#include "net/problem.hpp"

namespace tocsin::api {
namespace {

void append_sandbox(std::string& out, const sandbox::SandboxStatus& sandbox) {
  out += ",\"sandbox\":{\"state\":";
  append_json_string(out, sandbox.state);
  append_text(out, "level", sandbox.level);
  append_texts(out, "missing", sandbox.missing);
  if (sandbox.pid != 0) out += ",\"pid\":" + std::to_string(sandbox.pid);
  out +=
      ",\"restarts\":" + std::to_string(sandbox.restarts) + ",\"denied\":" + std::to_string(sandbox.denied);
  append_text(out, "last_denied", sandbox.last_denied);
  append_text(out, "last_fault", sandbox.last_fault);
  if (sandbox.last_fault_ms != 0) append_text(out, "last_fault_at", format_rfc3339(sandbox.last_fault_ms));
  out += '}';
}

void append_plugin(std::string& out, const plugin::PluginState& plugin,
                   const std::optional<sandbox::SandboxStatus>& sandbox) {
  out += "{\"path\":";
  append_json_string(out, plugin.path);
  out += plugin.loaded ? ",\"loaded\":true" : ",\"loaded\":false";
  append_text(out, "problem", plugin.problem);
  append_text(out, "sdk", plugin.sdk);
  append_text(out, "sha256", plugin.sha256);
  append_text(out, "isolation", plugin.isolation == plugin::Isolation::kSandbox ? "sandbox" : "in-process");
  append_texts(out, "types", plugin.types);
  if (sandbox) append_sandbox(out, *sandbox);
  out += '}';
}

}  // namespace

void Service::add_plugin_endpoints() {
  using security::Permission;
  endpoints_.push_back({"GET", "/v1/plugins", Permission::kReadPlugins, [this](Call call, net::Responder to) {
                          get_plugins(std::move(call), std::move(to));
                        }});
  endpoints_.push_back({"POST", "/v1/plugins/{type}/reset", Permission::kManagePlugins,
                        [this](Call call, net::Responder to) { reset_plugin(call, std::move(to)); },
                        "plugin.reset"});
}

void Service::get_plugins(Call, net::Responder responder) {
  net::HttpResponse response;
  response.body = "{\"plugins\":[";
  for (std::size_t i = 0; i < state_->plugins.size(); ++i) {
    if (i != 0) response.body += ',';
    const auto& plugin = state_->plugins[i];
    append_plugin(response.body, plugin, with_.sandbox ? with_.sandbox(plugin.path) : std::nullopt);
  }
  response.body += "],\"channels\":[";
  const auto channels = with_.engine.statuses();
  for (std::size_t i = 0; i < channels.size(); ++i) {
    if (i != 0) response.body += ',';
    append_channel(response.body, channels[i]);
  }
  response.body += "]}";
  responder.send(std::move(response));
}

void Service::reset_plugin(const Call& call, net::Responder responder) {
  const std::string& type = call.arguments[0];
  const auto found = std::ranges::find_if(state_->plugins, [&](const plugin::PluginState& plugin) {
    return std::ranges::find(plugin.types, type) != plugin.types.end();
  });
  const auto refuse = [&](Error error) { responder.send(net::make_problem(error, call.request.id)); };
  if (found == state_->plugins.end()) {
    return refuse(make_error(Errc::kNotFound, "no loaded plugin provides the channel type \"" + type + '"'));
  }
  if (found->isolation != plugin::Isolation::kSandbox || !with_.reset_plugin) {
    return refuse(
        make_error(Errc::kConflict, "the plugin runs in the daemon's own process and has no quarantine"));
  }
  if (const auto reset = with_.reset_plugin(found->path); !reset) return refuse(reset.error());
  net::HttpResponse response;
  append_plugin(response.body, *found, with_.sandbox ? with_.sandbox(found->path) : std::nullopt);
  responder.send(std::move(response));
}

}  // namespace tocsin::api
