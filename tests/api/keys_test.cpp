// What is said of the master keys and their rotation. That a rotation does what it says is tests/e2e's.
#include <future>

#include "api/api_fixture.hpp"

namespace tocsin::api {
namespace {

class Keys : public ApiTest {
 protected:
  // A channel with one secret a key.
  void put_secrets(const std::vector<std::string>& keys) {
    store::ObjectWrite write;
    write.object.team = routes("demo").id;
    write.object.name = "ops";
    write.object.body = "{}";
    for (const auto& key : keys) {
      write.object.secrets.push_back({"/" + std::to_string(write.object.secrets.size()), key, "sealed"});
    }
    std::promise<void> done;
    writer_->run([&](store::Store& store) {
      store::must(store.write_object(write, 1));
      done.set_value();
    });
    done.get_future().wait();
  }
  void use_keys(security::KeyRing keys) {
    auto state = make_state({});
    state->keys = std::make_shared<const security::KeyRing>(std::move(keys));
    on_api_thread([&] { service_->use(state); });
  }
};

TEST_F(Keys, CountsWhatEachHasSealedAlsoOneThatIsGone) {
  put_secrets({"k1", "k1", "k0", "older"});
  const Answer answer = get("/v1/keys");
  ASSERT_EQ(answer.size_at("/keys"), 3U) << answer.body;
  EXPECT_EQ(answer.at("/keys/0"), R"({"id":"k0","active":false,"usable":false,)"
                                  R"("fault":"its file is not there","secrets":1})");
  EXPECT_EQ(answer.at("/keys/1"), R"({"id":"k1","active":true,"usable":true,"secrets":2})");
  EXPECT_EQ(answer.at("/keys/2/id"), "older");
  EXPECT_EQ(answer.at("/keys/2/usable"), "false");
  EXPECT_EQ(answer.at("/keys/2/secrets"), "1");
  EXPECT_EQ(answer.at("/rotation/left"), "2");
}

TEST_F(Keys, SaysHowFarARotationIsAndWhatDidNotOpen) {
  rotation_.progress = {true, 7, 1, {{"demo", "siem", "/settings/secret", "it was changed"}}, ""};
  const Answer answer = call("operator", "POST", "/v1/keys/rotate");
  EXPECT_EQ(answer.status, 202);
  EXPECT_EQ(rotation_.asked, 1);
  EXPECT_EQ(answer.at("/rotation/running"), "true");
  EXPECT_EQ(answer.at("/rotation/done"), "7");
  EXPECT_EQ(answer.at("/rotation/failed"), "1");
  EXPECT_EQ(answer.at("/rotation/unopened/0"), R"({"team":"demo","channel":"siem",)"
                                               R"("pointer":"/settings/secret","reason":"it was changed"})");
  rotation_.progress = {false, 7, 1, {}, "the disk is full"};
  EXPECT_EQ(get("/v1/keys").at("/rotation/problem"), "the disk is full");
}

TEST_F(Keys, RefusesToRotateWhereNothingCanBeSealed) {
  use_keys({});
  expect_problem(call("operator", "POST", "/v1/keys/rotate"), 409, "conflict");
  std::vector<security::MasterKey> lost;
  lost.push_back({"k1", security::Secret(), "its file is not there"});
  use_keys(store::must(security::KeyRing::create(std::move(lost), "k1")));
  const Answer answer = call("operator", "POST", "/v1/keys/rotate");
  expect_problem(answer, 409, "conflict");
  EXPECT_NE(answer.at("/detail").find("its file is not there"), std::string::npos);
  EXPECT_EQ(rotation_.asked, 0);
}

TEST_F(Keys, ARotationStandsInTheAuditLogOfAll) {
  call("operator", "POST", "/v1/keys/rotate");
  const Answer answer = get("/v1/audit");
  EXPECT_EQ(answer.at("/acts/0/act"), "keys.rotate");
  EXPECT_EQ(answer.at("/acts/0/actor"), "operator");
  EXPECT_EQ(answer.at("/acts/0/team"), "");
}

}  // namespace
}  // namespace tocsin::api
