// A reader behind a wire that breaks is the same reader.
#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <future>

#include "emvcrypto/tls_certificates.h"
#include "kpd/exit_code.h"
#include "kpd/remote/certificate_folder.h"
#include "kpd/remote/host_link.h"
#include "kpd/remote/station_address.h"
#include "kpd/remote/station_host.h"
#include "test/unit/support/cutting_proxy.h"
#include "test/unit/support/memory_slot.h"
#include "test/unit/support/temp_folder.h"

namespace kpd {
namespace {

using Kind = cps::Response::Kind;
using kpd_test::MemoryReader;
using kpd_test::numbered_command;
using namespace std::chrono_literals;

const std::string kLoopback = "127.0.0.1";

/// Certificates for loopback, made once.
const std::filesystem::path& certificates() {
  static const kpd_test::TempFolder folder;
  static const std::filesystem::path made = [] {
    make_certificate_folders(folder.path() / "tls", {kLoopback}, std::chrono::system_clock::now());
    return folder.path() / "tls";
  }();
  return made;
}

std::unique_ptr<StationHost> host_at(MemoryReader& reader, const std::string& address) {
  return std::make_unique<StationHost>(
      LeaseBook::Options{{kpd_test::memory_place("R", reader)}}, address,
      read_tls_files(certificates() / kLoopback, TlsSide::station));
}

/// A host under TLS on loopback and a wire to it that can be cut.
struct Wired {
  MemoryReader reader;
  std::unique_ptr<StationHost> host = host_at(reader, kLoopback + ":0");
  kpd_test::CuttingProxy proxy{
      static_cast<std::uint16_t>(std::stoi(host->address().substr(kLoopback.size() + 1)))};

  StationAddress address(std::chrono::milliseconds patience = 20s) const {
    return {kLoopback + ":" + std::to_string(proxy.port()), certificates() / "client", "", patience,
            nullptr};
  }
  std::unique_ptr<cps::Slot> slot(std::chrono::milliseconds patience = 20s) const {
    return station_slots(address(patience)).at(0).open();
  }
  void restart() {
    const std::string where = host->address();
    host.reset();
    host = host_at(reader, where);
  }
};

cps::Response send(cps::Slot& slot, std::uint8_t number) {
  return slot.transmit(numbered_command(number), 5s);
}

TEST_CASE("a reader behind mutual TLS is used as one here, and let go at the end") {
  Wired wired;
  {
    const auto slot = wired.slot();
    CHECK(slot->name() == wired.address().address + "/R");
    REQUIRE(slot->wait_for_card(1s));
    CHECK(slot->atr() == cps::Bytes{0x3B, 0x00});
    CHECK(slot->reset(cps::Reset::cold));
    CHECK(slot->reset(cps::Reset::warm));
    const auto response = send(*slot, 1);
    CHECK(response.kind == Kind::answered);
    CHECK(response.bytes == emvcrypto::concat({numbered_command(1), cps::Bytes{0x90, 0x00}}));
    wired.reader.card = false;
    CHECK(send(*slot, 2).kind == Kind::lost);
    CHECK_FALSE(slot->wait_for_card(10ms));
    CHECK(slot->last_error() == "nothing there");
    CHECK(slot->wait_for_removal(10ms));
    wired.reader.gone = true;
    CHECK(send(*slot, 3).kind == Kind::broken);
    CHECK_THROWS_AS(slot->wait_for_card(10ms), cps::SlotGone);
    CHECK_FALSE(slot->reset(cps::Reset::cold));
  }
  CHECK(wired.reader.opened == wired.reader.closed);
}

TEST_CASE("a Unix socket in a closed folder serves this user alone") {
  const kpd_test::TempFolder folder;
  MemoryReader reader;
  LeaseBook::Options options{{kpd_test::memory_place("R", reader)}};
  {
    const StationHost host(options, folder.path() / "s");
    const auto slots = station_slots({"unix:" + host.address(), {}, "here", 1s, nullptr});
    REQUIRE(slots.size() == 1);
    CHECK(slots[0].name == "here/R");
    const auto slot = slots[0].open();
    CHECK(slot->wait_for_card(1s));
    CHECK(send(*slot, 1).kind == Kind::answered);
    CHECK_THROWS_WITH(slots[0].open(), Catch::Contains("held by a program of this machine"));
  }
  std::filesystem::permissions(folder.path(), std::filesystem::perms(0750));
  CHECK_THROWS_AS(StationHost(options, folder.path() / "s"), Failure);
}

TEST_CASE("a wire cut after any command, before its answer, executes nothing twice") {
  Wired wired;
  constexpr std::uint8_t kCommands = 8;
  wired.reader.on_command = [&](std::size_t) { wired.proxy.cut(); };
  const auto slot = wired.slot();
  REQUIRE(slot->wait_for_card(1s));
  std::vector<cps::Bytes> expected;
  for (std::uint8_t i = 0; i < kCommands; ++i) {
    const auto response = send(*slot, i);
    INFO(response.detail);
    REQUIRE(response.kind == Kind::answered);
    expected.push_back(numbered_command(i));
    CHECK(response.data().size() == expected.back().size());
  }
  CHECK(wired.reader.executed() == expected);
}

TEST_CASE("a wire cut before a command arrives loses none, nor a card that is waited for") {
  Wired wired;
  const auto slot = wired.slot();
  wired.proxy.swallow_next_request();
  REQUIRE(slot->wait_for_card(1s));
  std::vector<cps::Bytes> expected;
  for (std::uint8_t i = 0; i < 4; ++i) {
    wired.proxy.swallow_next_request();
    REQUIRE(send(*slot, i).kind == Kind::answered);
    expected.push_back(numbered_command(i));
  }
  wired.proxy.swallow_next_request();
  CHECK(slot->reset(cps::Reset::cold));
  CHECK(wired.reader.executed() == expected);
  CHECK(wired.reader.opened == 1);
}

TEST_CASE("a wire that stays cut breaks the command, and a later one is not mixed up with it") {
  Wired wired;
  const auto slot = wired.slot(300ms);
  REQUIRE(slot->wait_for_card(1s));
  wired.proxy.stay_cut(true);
  wired.proxy.cut();
  const auto response = slot->transmit(numbered_command(1), 100ms);
  CHECK(response.kind == Kind::broken);
  CHECK_THAT(response.detail, Catch::Contains("station " + wired.address().address));
  CHECK(send(*slot, 2).kind == Kind::lost);
  CHECK_THROWS_AS(slot->wait_for_card(10ms), cps::SlotGone);
  wired.proxy.stay_cut(false);
  std::this_thread::sleep_for(2s);
  REQUIRE(slot->wait_for_card(1s));
  CHECK(send(*slot, 3).kind == Kind::answered);
  CHECK(wired.reader.executed() == std::vector<cps::Bytes>{numbered_command(3)});
}

TEST_CASE("a host that was started anew lost the card, and says whether a command may have run") {
  Wired wired;
  const auto slot = wired.slot();
  REQUIRE(slot->wait_for_card(1s));
  REQUIRE(send(*slot, 1).kind == Kind::answered);
  SECTION("between two commands") {
    wired.restart();
    // The broken link may be noticed by this very command: then nobody knows that it did not run.
    const auto response = send(*slot, 2);
    CHECK(response.kind == Kind::lost);
    CHECK_THAT(response.detail, Catch::Contains("was started anew"));
    CHECK(wired.reader.executed().size() == 1);
  }
  SECTION("in a command") {
    std::future<void> restart;
    wired.reader.on_command = [&](std::size_t) {
      wired.reader.on_command = nullptr;
      restart = std::async(std::launch::async, [&] { wired.restart(); });
      std::this_thread::sleep_for(1500ms);
    };
    const auto response = send(*slot, 2);
    restart.get();
    CHECK(response.kind == Kind::lost);
    CHECK_THAT(response.detail, Catch::Contains("was started anew") &&
                                    Catch::Contains("whether the command was executed is unknown"));
    CHECK(wired.reader.executed().size() == 2);
  }
  CHECK(send(*slot, 3).kind == Kind::lost);
  const bool by_reset = GENERATE(false, true);
  CHECK((by_reset ? slot->reset(cps::Reset::cold) : slot->wait_for_card(1s)));
  CHECK(send(*slot, 4).kind == Kind::answered);
  CHECK(wired.reader.executed().back() == numbered_command(4));
}

/// A client's folder of files from here and there.
std::filesystem::path client_folder(const kpd_test::TempFolder& folder, const std::string& ca,
                                    const emvcrypto::TlsIdentity& own) {
  folder.write("ca.pem", ca);
  folder.write("client.pem", own.certificate);
  const auto key = folder.write("client.key", own.key);
  ::chmod(key.c_str(), 0600);
  return folder.path();
}

TEST_CASE("only the authority's own and valid certificates are served") {
  Wired wired;
  const auto now = std::chrono::system_clock::now();
  const emvcrypto::TlsValidity valid{now - 1h, now + 24h};
  const std::string ca = kpd_test::content_of(certificates() / "ca/ca.pem");
  const emvcrypto::TlsIdentity authority{ca, kpd_test::content_of(certificates() / "ca/ca.key")};
  const auto stranger = emvcrypto::make_tls_authority("stranger", valid);
  const kpd_test::TempFolder folder;
  StationAddress address = wired.address();
  std::filesystem::path& tls = address.tls;
  SECTION("another authority's client") {
    tls = client_folder(folder, ca, emvcrypto::make_tls_client(stranger, "kpd", valid));
    CHECK_THROWS_AS(station_slots(address), cps::SlotGone);
  }
  SECTION("a host of another authority") {
    tls = client_folder(folder, stranger.certificate,
                        emvcrypto::make_tls_client(authority, "kpd", valid));
    CHECK_THROWS_WITH(station_slots(address), Catch::Contains("certificate verify failed"));
  }
  SECTION("a certificate that ended yesterday") {
    tls = client_folder(folder, ca,
                        emvcrypto::make_tls_client(authority, "kpd", {now - 48h, now - 24h}));
    CHECK_THROWS_AS(station_slots(address), cps::SlotGone);
  }
  SECTION("a host's certificate is no client's") {
    tls = client_folder(folder, ca, emvcrypto::make_tls_host(authority, kLoopback, valid));
    CHECK_THROWS_AS(station_slots(address), cps::SlotGone);
  }
  SECTION("a host under another name") {
    address.address = "localhost:" + std::to_string(wired.proxy.port());
    CHECK_THROWS_AS(station_slots(address), cps::SlotGone);
  }
  SECTION("the right ones") {
    CHECK(station_slots(address).size() == 1);
    return;
  }
  CHECK(wired.reader.opened == 0);
}

TEST_CASE("a client without a certificate, or without TLS, is not served") {
  Wired wired;
  grpc::SslCredentialsOptions only_ca;
  only_ca.pem_root_certs = kpd_test::content_of(certificates() / "ca/ca.pem");
  for (const auto& credentials :
       {grpc::SslCredentials(only_ca), grpc::InsecureChannelCredentials()}) {
    const auto stub =
        remote::Station::NewStub(grpc::CreateChannel(wired.host->address(), credentials));
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + 3s);
    remote::Description answer;
    CHECK_FALSE(stub->Describe(&context, {}, &answer).ok());
  }
}

TEST_CASE("keys that others may read are not used, and no certificate is written over") {
  const kpd_test::TempFolder folder;
  const auto now = std::chrono::system_clock::now();
  const auto made = make_certificate_folders(folder.path() / "lab", {"smart1.example"}, now);
  CHECK(made.size() == 3);
  CHECK_NOTHROW(read_tls_files(folder.path() / "lab/smart1.example", TlsSide::station));
  CHECK_THROWS_AS(read_tls_files(folder.path() / "lab/client", TlsSide::station), Failure);
  CHECK_THROWS_AS(make_certificate_folders(folder.path() / "lab", {"smart1.example"}, now),
                  Failure);
  CHECK_THROWS_AS(make_certificate_folders(folder.path() / "lab", {"../x"}, now), Failure);
  CHECK(make_certificate_folders(folder.path() / "lab", {"smart2.example"}, now).size() == 1);
  const auto key = folder.path() / "lab/client/client.key";
  CHECK(std::filesystem::status(key).permissions() == std::filesystem::perms(0600));
  ::chmod(key.c_str(), 0640);
  CHECK_THROWS_WITH(read_tls_files(folder.path() / "lab/client", TlsSide::client),
                    Catch::Contains("chmod 600"));
}

/// Microseconds a command over so many.
double time_of(cps::Slot& slot) {
  constexpr int kCommands = 3000;
  const cps::Bytes command(200, 0x80);
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < kCommands; ++i) REQUIRE(slot.transmit(command, 5s).kind == Kind::answered);
  return std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - start)
             .count() /
         kCommands;
}

TEST_CASE("what a link costs", "[.speed]") {
  Wired wired;
  const kpd_test::TempFolder folder;
  MemoryReader other;
  const StationHost local({{kpd_test::memory_place("R", other)}}, folder.path() / "s");
  kpd_test::MemorySlot direct(other);
  const auto by_socket = station_slots({"unix:" + local.address(), {}, "", 1s, nullptr})[0].open();
  const auto by_tls =
      station_slots({wired.host->address(), certificates() / "client", "", 1s, nullptr})[0].open();
  for (int turn = 0; turn < 3; ++turn)
    WARN("microseconds a command: direct " << time_of(direct) << ", Unix socket "
                                           << time_of(*by_socket) << ", TLS " << time_of(*by_tls));
}

}  // namespace
}  // namespace kpd
