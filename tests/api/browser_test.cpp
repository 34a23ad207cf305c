#include "api/browser.hpp"

#include <gtest/gtest.h>

namespace tocsin::api {
namespace {

net::HttpRequest with(std::vector<net::Header> headers) {
  net::HttpRequest request;
  request.headers = std::move(headers);
  return request;
}

TEST(FindCookie, FindsTheOneOfTheNameAmongOthers) {
  const auto value = [](const char* cookies) {
    return std::string(find_cookie(with({{"cookie", cookies}}), "tocsin_session"));
  };
  EXPECT_EQ(value("tocsin_session=a"), "a");
  EXPECT_EQ(value("x=1; tocsin_session=a=b; y=2"), "a=b");
  EXPECT_EQ(value(" ; ;tocsin_session=a "), "a");
  EXPECT_EQ(value("tocsin_session=a; tocsin_session=b"), "a");
  EXPECT_EQ(value("my_tocsin_session=a; tocsin_session_2=b"), "");
  EXPECT_EQ(value("tocsin_session"), "");
  EXPECT_EQ(value(""), "");
  EXPECT_EQ(find_cookie(with({}), "tocsin_session"), "");
}

TEST(JudgeSite, GoesByWhatNoPageCanSet) {
  EXPECT_EQ(judge_site(with({{"sec-fetch-site", "same-origin"}, {"origin", "http://evil.example"}})),
            Site::kOurs);
  for (const auto* site : {"same-site", "cross-site", "none", "Same-Origin", "?"}) {
    EXPECT_EQ(judge_site(with({{"sec-fetch-site", site}, {"origin", "http://a"}, {"host", "a"}})),
              Site::kAnother)
        << site;
  }
}

TEST(JudgeSite, ComparesOriginAndHostWhereTheBrowserIsOld) {
  const auto judge = [](const char* origin) {
    return judge_site(with({{"host", "localhost:8080"}, {"origin", origin}}));
  };
  EXPECT_EQ(judge("http://localhost:8080"), Site::kOurs);
  EXPECT_EQ(judge("https://LOCALHOST:8080"), Site::kOurs);
  for (const auto* other :
       {"http://localhost", "http://localhost:80800", "http://localhost:8080.evil.example",
        "http://evil.example", "null", "://", "localhost:8080"}) {
    EXPECT_EQ(judge(other), Site::kAnother) << other;
  }
  EXPECT_EQ(judge_site(with({{"host", "localhost:8080"}})), Site::kUnknown);
}

}  // namespace
}  // namespace tocsin::api
