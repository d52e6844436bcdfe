// kpd chip: virtual chips in virtual readers.
#include <fmt/format.h>

#include <iostream>

#include "kpd/area/chip_profile.h"
#include "kpd/chip/paced_port.h"
#include "kpd/chip/private_pcscd.h"
#include "kpd/chip/vpcd.h"
#include "kpd/commands/command.h"
#include "kpd/commands/end_signal.h"

namespace kpd {
namespace {

struct ChipArguments {
  std::string area = "area.yaml", profile, pcscd;
  std::size_t readers = 1, chips = 1;
  std::uint32_t serial = 1;
  std::uint16_t port = 0;
  unsigned command_ms = 0, bit_rate = 0;
};

/// What the chips and their links took, for comparison with what the stations measured.
void say_work(const std::vector<std::unique_ptr<chip::PacedPort>>& paced) {
  std::chrono::nanoseconds sum{0};
  for (const auto& slot : paced) sum += slot->worked();
  say(fmt::format("chips and links worked {:.3f} s", std::chrono::duration<double>(sum).count()));
}

ExitCode chips(const ChipArguments& arguments, const Invocation& invocation) {
  EndSignal end;
  Area area = Area::read(arguments.area);
  const auto pins = make_pin_source(invocation);
  const auto file = arguments.profile.empty() ? area.folder() / "templates/chips/generic.yaml"
                                              : std::filesystem::path(arguments.profile);
  const ChipProfile profile = read_chip_profile(file);

  std::unique_ptr<chip::PrivatePcscd> pcscd;
  std::vector<std::uint16_t> ports;
  if (arguments.port != 0) {
    for (std::size_t i = 0; i < arguments.readers; ++i)
      ports.push_back(static_cast<std::uint16_t>(arguments.port + i));
  } else {
    const std::string folder =
        arguments.pcscd.empty() ? (area.folder() / "pcscd").string() : arguments.pcscd;
    pcscd =
        std::make_unique<chip::PrivatePcscd>(std::filesystem::absolute(folder), arguments.readers);
    ports = pcscd->ports();
  }

  const auto keys = card_keys_from(area.open(kManufacturer, *pins), profile.model);
  std::vector<std::unique_ptr<chip::Carousel>> slots;
  const chip::ChipPace pace{std::chrono::milliseconds(arguments.command_ms), arguments.bit_rate};
  std::vector<std::unique_ptr<chip::PacedPort>> paced;
  std::vector<std::unique_ptr<chip::VpcdClient>> clients;
  for (std::size_t i = 0; i < ports.size(); ++i) {
    chip::CarouselConfig config;
    config.model = profile.model;
    config.kmc_id = profile.kmc_id;
    config.first_serial = arguments.serial + static_cast<std::uint32_t>(i * arguments.chips);
    config.count = arguments.chips;
    config.keys = keys;
    config.endless = true;
    slots.push_back(std::make_unique<chip::Carousel>(std::move(config)));
    paced.push_back(std::make_unique<chip::PacedPort>(*slots.back(), pace));
    clients.push_back(std::make_unique<chip::VpcdClient>(*paced.back(), ports[i]));
  }
  if (pcscd) std::cout << "export PCSCLITE_CSOCK_NAME=" << pcscd->socket().string() << std::endl;
  say(fmt::format("{} virtual chips in {} readers; Ctrl-C ends them",
                  arguments.chips * ports.size(), ports.size()));
  end.wait();
  for (const auto& client : clients) client->stop();
  if (pace.any()) say_work(paced);
  return ExitCode::done;
}

}  // namespace

void add_chip(CLI::App& app, Invocation& invocation) {
  auto arguments = std::make_shared<ChipArguments>();
  CLI::App* command =
      app.add_subcommand("chip", "Virtual chips in virtual readers, until they are stopped");
  command->add_option("--area", arguments->area, "Work area with the manufacturer's token")
      ->capture_default_str();
  command->add_option("--profile", arguments->profile,
                      "Make of the chips (default: the area's templates/chips/generic.yaml)");
  command->add_option("--readers", arguments->readers, "Readers of a pcscd of its own")
      ->capture_default_str()
      ->check(CLI::Range(1, 16));
  command
      ->add_option("--chips", arguments->chips,
                   "Chips a reader: the next one comes with each cold reset")
      ->capture_default_str()
      ->check(CLI::Range(1, 1'000'000));
  command->add_option("--serial", arguments->serial, "Serial number of the first chip")
      ->capture_default_str();
  command->add_option("--pcscd", arguments->pcscd,
                      "Folder for that pcscd (default: pcscd in the area)");
  command->add_option("--port", arguments->port,
                      "Start no pcscd: use the vpcd that listens at this port and those after it");
  command
      ->add_option("--command-ms", arguments->command_ms,
                   "Milliseconds that a chip works on each command")
      ->check(CLI::Range(1, 60'000));
  command
      ->add_option("--bit-rate", arguments->bit_rate, "Bits a second of the link, such as 115200")
      ->check(CLI::Range(300, 10'000'000));
  add_pin_option(*command, invocation);
  command->footer(
      "Prints how clients find the readers. Example, in one shell:\n"
      "  kpd chip --area demo/area.yaml --readers 2 --chips 10\n"
      "and in another, after the line that it printed:\n"
      "  kpd load demo/out/batch.cps --area demo/area.yaml --conveyor --count 20");
  command->callback([arguments, &invocation] {
    invocation.action = [arguments, &invocation] { return chips(*arguments, invocation); };
  });
}

}  // namespace kpd
