// kpd station: this host's readers for a server elsewhere.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <iostream>

#include "kpd/commands/command.h"
#include "kpd/commands/end_signal.h"
#include "kpd/pcsc/pcsc_card.h"
#include "kpd/remote/certificate_folder.h"
#include "kpd/remote/grpc_setup.h"
#include "kpd/remote/station_host.h"

namespace kpd {
namespace {

struct StationArguments {
  std::string listen, tls, socket;
  std::vector<std::string> readers;
  unsigned lease_seconds = 120;
  bool quiet = false;
  bool own_folder = false;
};

/// A socket's folder that was made for this process alone goes with it, also where the parent that
/// made it was killed.
class OwnFolder {
 public:
  explicit OwnFolder(std::filesystem::path folder) : folder_(std::move(folder)) {}
  ~OwnFolder() {
    std::error_code ignored;
    if (!folder_.empty()) std::filesystem::remove(folder_, ignored);  // only when it is empty
  }
  OwnFolder(const OwnFolder&) = delete;
  OwnFolder& operator=(const OwnFolder&) = delete;

 private:
  std::filesystem::path folder_;
};

/// Where one says how: the folder of certificates goes with an address and with nothing else.
void check(const StationArguments& arguments) {
  if (arguments.listen.empty() == arguments.socket.empty())
    throw Failure(ExitCode::usage, "kpd station: either --listen HOST:PORT or --unix PATH");
  if (arguments.listen.empty() != arguments.tls.empty())
    throw Failure(ExitCode::usage,
                  "kpd station: --listen goes with --tls FOLDER, since nothing is served in the "
                  "clear; kpd station certificates makes such a folder");
  if (!arguments.listen.empty() && arguments.listen.find(':') == std::string::npos)
    throw Failure(ExitCode::usage, "--listen: HOST:PORT, such as 0.0.0.0:7200");
}

std::vector<SlotPlace> places_of(const StationArguments& arguments) {
  std::vector<SlotPlace> places;
  for (const std::string& reader : list_readers())
    if (arguments.readers.empty() ||
        std::any_of(arguments.readers.begin(), arguments.readers.end(),
                    [&](const std::string& part) { return reader.find(part) != reader.npos; }))
      places.push_back({reader, [reader] { return std::make_unique<PcscCard>(reader); }});
  if (places.empty()) throw Failure(ExitCode::away, "there is no (such) card reader on this host");
  return places;
}

ExitCode serve(const StationArguments& arguments) {
  check(arguments);
  EndSignal end;
  const OwnFolder folder(arguments.own_folder
                             ? std::filesystem::path(arguments.socket).parent_path()
                             : std::filesystem::path());
  const auto event = [quiet = arguments.quiet](const std::string& line) {
    if (!quiet) say(line);
  };
  set_up_grpc(event);
  LeaseBook::Options options{places_of(arguments), std::chrono::seconds(arguments.lease_seconds),
                             event};
  const auto host =
      arguments.socket.empty()
          ? std::make_unique<StationHost>(std::move(options), arguments.listen,
                                          read_tls_files(arguments.tls, TlsSide::station))
          : std::make_unique<StationHost>(std::move(options), arguments.socket);
  std::cout << "listening on " << host->address() << std::endl;
  end.wait();
  event("ending: commands that run are waited for; a second signal ends at once");
  // A parent that is killed sends its signal once for each of its threads that goes.
  if (!arguments.own_folder) end.no_more();
  return ExitCode::done;
}

void add_certificates(CLI::App& parent, Invocation& invocation) {
  struct Options {
    std::string folder;
    std::vector<std::string> hosts;
  };
  auto options = std::make_shared<Options>();
  CLI::App* command = parent.add_subcommand(
      "certificates",
      "A small private authority and certificates for hosts and a client, for a lab or a small "
      "bureau; certificates of production come from the bureau's own authority");
  command->add_option("FOLDER", options->folder, "Where they go; an authority in it is used again")
      ->required();
  command
      ->add_option("--host", options->hosts,
                   "DNS name or IPv4 address by which a station is reached (may be repeated)")
      ->required()
      ->take_all()
      ->allow_extra_args(false);
  command->footer(
      "Makes FOLDER/HOST for kpd station --tls, FOLDER/client for kpd load --station-tls, and\n"
      "FOLDER/ca, whose key belongs under lock: who has it can make clients.\n"
      "Example:  kpd station certificates lab --host smart1.example");
  command->callback([options, &invocation] {
    invocation.action = [options] {
      for (const auto& folder : make_certificate_folders(options->folder, options->hosts,
                                                         std::chrono::system_clock::now()))
        say(folder.string());
      return ExitCode::done;
    };
  });
}

}  // namespace

void add_station(CLI::App& app, Invocation& invocation) {
  auto arguments = std::make_shared<StationArguments>();
  CLI::App* command = app.add_subcommand(
      "station", "Serve this host's readers to a server elsewhere, until it is stopped");
  command->add_option("--listen", arguments->listen,
                      "HOST:PORT to listen at, under mutual TLS; port 0: any free one");
  command->add_option("--tls", arguments->tls, "Folder of ca.pem, station.pem and station.key");
  command->add_option("--unix", arguments->socket,
                      "Unix socket to listen at instead, in a folder that is closed to others");
  command
      ->add_option("--reader", arguments->readers,
                   "A reader, or a part of its name (may be repeated; default: all readers)")
      ->take_all()
      ->allow_extra_args(false);
  command
      ->add_option("--lease-seconds", arguments->lease_seconds,
                   "A client that makes no call for so long may lose its reader to another")
      ->capture_default_str()
      ->check(CLI::Range(1, 86'400));
  command->add_flag("--quiet", arguments->quiet, "Say only what goes wrong");
  command->add_flag("--own-folder", arguments->own_folder, "For processes that kpd starts itself")
      ->group("");
  command->footer(
      "Prints 'listening on HOST:PORT' when it is ready. Example, on the host with the readers:\n"
      "  kpd station --listen 0.0.0.0:7200 --tls lab/smart1.example\n"
      "and on the server:\n"
      "  kpd load batch.cps --station smart1.example:7200 --station-tls lab/client");
  add_certificates(*command, invocation);
  command->callback([command, arguments, &invocation] {
    if (command->get_subcommands().empty())
      invocation.action = [arguments] { return serve(*arguments); };
  });
}

}  // namespace kpd
