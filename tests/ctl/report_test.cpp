// What people read: the daemon's answers as text.
#include "ctl/report.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "ctl/console.hpp"

namespace tocsin::ctl {
namespace {

boost::json::value parse(std::string_view text) {
  return boost::json::parse(text);
}

TEST(Report, SaysWhichChannelsTakeAnAcceptedEvent) {
  EXPECT_EQ(describe_pushed(parse(R"({"id":"evt_1","duplicate":false,
              "deliveries":[{"id":"dlv_1","channel":"ops"},{"id":"dlv_2","channel":"siem"}]})")),
            "evt_1 accepted, 2 deliveries: ops, siem");
}

TEST(Report, SaysThatADuplicateWasKnown) {
  EXPECT_EQ(
      describe_pushed(parse(R"({"id":"a","duplicate":true,"deliveries":[{"id":"dlv_1","channel":"ops"}]})")),
      "a was known already, 1 delivery: ops");
}

TEST(Report, SaysThatNoChannelTakesAnEvent) {
  EXPECT_EQ(describe_pushed(parse(R"({"id":"a","duplicate":false,"deliveries":[]})")),
            "a accepted, no channel takes it (tocsin explain says why)");
}

TEST(Report, ShowsAnEventWithItsDeliveriesAndAttempts) {
  const auto text = describe_event(parse(R"({"id":"evt_1","type":"finding.created","severity":"critical",
    "team":"demo","title":"Public bucket","received":"2026-11-23T08:00:00.000Z","source":"cspm",
    "deliveries":[{"id":"dlv_1","channel":"ops","channel_type":"webhook","state":"delivered","tries":2,
      "attempts":[{"number":1,"started":"2026-11-23T08:00:00.001Z","duration_ms":7,"outcome":"retry",
                   "code":"webhook.http_503","detail":"the receiver answered 503","http_status":503,
                   "remote_address":"127.0.0.1:8787"},
                  {"number":2,"started":"2026-11-23T08:00:05.001Z","duration_ms":3,"outcome":"delivered",
                   "http_status":200}]}]})"));
  EXPECT_EQ(text,
            "evt_1  finding.created  critical  team demo\n"
            "  Public bucket\n"
            "  received 2026-11-23T08:00:00.000Z from cspm\n"
            "\n"
            "  ops (webhook): delivered after 2 tries  dlv_1\n"
            "    1. 2026-11-23T08:00:00.001Z  retry  HTTP 503 from 127.0.0.1:8787  7 ms\n"
            "       the receiver answered 503\n"
            "    2. 2026-11-23T08:00:05.001Z  delivered  HTTP 200  3 ms\n");
}

TEST(Report, SaysWhenAScheduledDeliveryIsTriedAgain) {
  const auto text = describe_event(parse(R"({"id":"e","deliveries":[{"id":"d","channel":"ops",
    "channel_type":"webhook","state":"scheduled","tries":1,"due":"2026-11-23T08:05:00.000Z","attempts":[]}]})"));
  EXPECT_NE(text.find("scheduled after 1 try, next one 2026-11-23T08:05:00.000Z"), std::string::npos) << text;
}

TEST(Report, LinesUpAnExplanation) {
  const auto text = describe_explanation(parse(R"({"id":"e","findings":[
      {"kind":"rule","name":"critical","matched":true,"reason":"","channels":["ops","siem"]},
      {"kind":"default","name":"ops","matched":false,"reason":"a rule chose a webhook channel","channels":[]}],
      "channels":["ops","siem"]})"));
  EXPECT_EQ(text,
            "e goes to ops, siem\n\n"
            "LOOKED AT  NAME      MATCHED  WHY\n"
            "rule       critical  yes      -> ops, siem\n"
            "default    ops       no       a rule chose a webhook channel\n");
}

TEST(Report, SaysWhyAPluginIsNotLoaded) {
  const auto text = describe_plugins(parse(R"({"plugins":[
      {"path":"/a.so","loaded":true,"problem":"","types":["webhook"]},
      {"path":"/b.so","loaded":false,"problem":"not an ELF library","types":[]}],
      "channels":[{"team":"demo","name":"ops","type":"webhook","state":"ready","reason":""}]})"));
  EXPECT_NE(text.find("/a.so   yes                     webhook\n"), std::string::npos) << text;
  EXPECT_NE(text.find("/b.so   no                      not an ELF library\n"), std::string::npos) << text;
  EXPECT_NE(text.find("demo  ops      webhook  ready\n"), std::string::npos) << text;
}

TEST(Report, SaysWhyALoadedPluginGoesOnAsItIs) {
  const auto text = describe_plugins(parse(R"({"plugins":[{"path":"/a.so","loaded":true,"types":["webhook"],
      "problem":"plugin /a.so goes on as it was loaded, since its new file is no library"}],"channels":[]})"));
  EXPECT_NE(text.find("yes                     webhook\n"), std::string::npos) << text;
  EXPECT_NE(text.find("\nplugin /a.so goes on as it was loaded, since its new file is no library\n"),
            std::string::npos)
      << text;
}

TEST(Report, SurvivesAnAnswerOfAnotherShape) {
  for (const char* odd : {"null", "[]", "{}", R"({"deliveries":7,"plugins":{},"findings":"x","id":[]})"}) {
    const auto value = parse(odd);
    EXPECT_EQ(describe_pushed(value), " accepted, no channel takes it (tocsin explain says why)");
    EXPECT_NE(describe_event(value).find("unmatched"), std::string::npos);
    EXPECT_NE(describe_explanation(value).find("goes to no channel"), std::string::npos);
    EXPECT_EQ(describe_deliveries(value), "no deliveries\n");
    EXPECT_EQ(describe_plugins(value), "no plugin is listed in the config\n");
  }
}

TEST(Printable, TakesTheTeethOutOfTerminalControls) {
  EXPECT_EQ(printable("a\x1b[31mb\nc\x7f"), "a?[31mb?c?");
  EXPECT_EQ(printable("x\xc2\x9b"
                      "2Jy"),
            "x?2Jy");
  EXPECT_EQ(printable("grüße 通知"), "grüße 通知");
}

TEST(Report, ListsChannelsAndHowTheyAre) {
  EXPECT_EQ(describe_channels(parse(R"({"channels":[]})")), "the team has no channel\n");
  EXPECT_EQ(describe_channels(parse(R"({"channels":[{"team":"demo","name":"ops","type":"smtp",
              "state":"disabled","reason":"gone"}]})")),
            "TEAM  CHANNEL  TYPE  STATE     WHY\n"
            "demo  ops      smtp  disabled  gone\n");
}

TEST(Report, SaysHowATestWent) {
  EXPECT_EQ(describe_test(
                parse(R"({"result":"delivered","message":"Delivered.","event":"evt_1","delivery":"dlv_1"})")),
            "Delivered.\nevent evt_1, delivery dlv_1\n");
  EXPECT_EQ(describe_test(parse(R"({"result":"connected","message":"The connection works."})")),
            "The connection works.\n");
}

}  // namespace
}  // namespace tocsin::ctl
