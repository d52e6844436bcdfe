#include <sched.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <fstream>

#include "kpd/chip/carousel.h"
#include "kpd/chip/private_pcscd.h"
#include "kpd/chip/vpcd.h"
#include "pcsc_client.h"
#include "sample_card.h"

using namespace chiptest;
using kpd::chip::Carousel;
using kpd::chip::CarouselConfig;
using kpd::chip::PrivatePcscd;
using kpd::chip::VpcdClient;
namespace fs = std::filesystem;

namespace {

/// A folder that is gone afterwards.
struct Folder {
  Folder() {
    std::string pattern = (fs::temp_directory_path() / "kpd-pcsc-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary folder");
    path = pattern;
  }
  ~Folder() { fs::remove_all(path); }
  fs::path path;
};

/// The process that the machine's pid file names; 0 when there is none.
pid_t machine_pid() {
  pid_t pid = 0;
  std::ifstream("/run/pcscd/pcscd.pid") >> pid;
  return pid;
}

/// Whether this system lets a process hide /run/pcscd from its child.
bool can_be_apart() {
  const pid_t child = ::fork();
  if (child == 0)
    ::_exit(::unshare(CLONE_NEWNS) == 0 || ::unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0 ? 0 : 1);
  int status = 1;
  ::waitpid(child, &status, 0);
  return status == 0;
}

CarouselConfig carousel_config(std::size_t count) {
  CarouselConfig config;
  config.model = chip_config();
  config.kmc_id = from_hex("0A0B0C0D0E0F");
  config.count = count;
  config.skip_unused = false;
  config.keys = [](ByteView) { return chip_config().keys; };
  return config;
}

std::string serial(ChipPort& card) {
  return to_hex(send(card, from_hex("80CA00CF00")).data).substr(18);
}

}  // namespace

TEST_CASE("chips are personalised through a private pcscd [pcsc]", "[pcsc]") {
  const Folder folder;
  PrivatePcscd pcscd(folder.path, 3);
  REQUIRE(pcscd.ports().size() == 3);
  Carousel carousel(carousel_config(2));
  Chip chip(chip_config());
  VpcdClient conveyor(carousel, pcscd.ports()[0]);
  VpcdClient slot(chip, pcscd.ports()[2]);
  {
    PcscClient client(pcscd.socket());
    const auto& readers = pcscd.names();
    const auto listed = client.readers();
    for (const auto& name : readers)
      CHECK(std::find(listed.begin(), listed.end(), name) != listed.end());
    {
      PcscCard card(client, readers[0]);
      CHECK(serial(card) == "00000001");
      CHECK(personalise(card, kPaymentAid, payment_dgis(), 3) == 0x9000);
      card.warm_reset();
      CHECK(serial(card) == "00000001");
      CHECK(select(card, kPaymentAid).status == 0x9000);
      card.power_on();
      CHECK(serial(card) == "00000002");
      CHECK(personalise(card, kPaymentAid, payment_dgis(), 1) == 0x9000);
    }
    {
      PcscCard card(client, readers[2]);
      CHECK(personalise(card, kPaymentAid, payment_dgis(), 0) == 0x9000);
    }
  }
  CHECK(slot.is_running());
  slot.stop();
  conveyor.stop();
  CHECK_FALSE(slot.is_running());
  CHECK(slot.error().empty());
  CHECK(chip.is_personalised(kPaymentAid));
  CHECK(carousel.chip(0)->is_personalised(kPaymentAid));
  CHECK(carousel.chip(1)->is_personalised(kPaymentAid));
  if (can_be_apart()) CHECK(machine_pid() != pcscd.pid());
}

TEST_CASE("two private pcscd run at once and leave nothing behind [pcsc]", "[pcsc]") {
  const Folder folder;
  pid_t pids[2];
  {
    PrivatePcscd first(folder.path / "a", 1);
    PrivatePcscd second(folder.path / "b", 2);
    pids[0] = first.pid();
    pids[1] = second.pid();
    for (PrivatePcscd* pcscd : {&first, &second}) {
      Chip chip(chip_config());
      VpcdClient slot(chip, pcscd->ports()[0]);
      PcscClient client(pcscd->socket());
      PcscCard card(client, pcscd->names()[0]);
      CHECK(serial(card) == "00000001");
    }
  }
  CHECK(fs::is_empty(folder.path));
  for (const pid_t pid : pids) CHECK(::kill(pid, 0) != 0);
}

TEST_CASE("a private pcscd refuses what cannot be [pcsc]", "[pcsc]") {
  const Folder folder;
  CHECK_THROWS_AS(PrivatePcscd(folder.path, 0), std::invalid_argument);
  CHECK_THROWS_AS(PrivatePcscd(folder.path, 17), std::invalid_argument);
  CHECK_THROWS_AS(PrivatePcscd(folder.path / std::string(100, 'x'), 1), std::invalid_argument);
  CHECK_THROWS_AS(PrivatePcscd(folder.path / "a b", 1), std::invalid_argument);
  CHECK(fs::is_empty(folder.path));
}

TEST_CASE("a chip finds no reader where nobody listens [pcsc]", "[pcsc]") {
  Chip chip(chip_config());
  CHECK_THROWS_AS(VpcdClient(chip, 1, "127.0.0.1", std::chrono::milliseconds(50)),
                  std::system_error);
  CHECK_THROWS_AS(VpcdClient(chip, 1, "nowhere"), std::invalid_argument);
}

TEST_CASE("a failing source of card keys takes the chip out of the reader and is told [pcsc]",
          "[pcsc]") {
  const Folder folder;
  PrivatePcscd pcscd(folder.path, 1);
  CarouselConfig config = carousel_config(1);
  config.keys = [](ByteView) -> kpd::chip::CardKeys { throw std::runtime_error("no KMC"); };
  Carousel carousel(std::move(config));
  VpcdClient slot(carousel, pcscd.ports()[0]);
  for (int i = 0; i < 200 && slot.is_running(); ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  CHECK_FALSE(slot.is_running());
  CHECK(slot.error() == "no KMC");
}
