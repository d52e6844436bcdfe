#include "kpd/pcsc/pcsc_card.h"

#include <fmt/format.h>
#include <winscard.h>

#include <array>
#include <cstring>

#include "kpd/pcsc/deadline_worker.h"
#include "kpd/pcsc/pcsc_error.h"

namespace kpd {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr milliseconds kResetDeadline{30000};
constexpr milliseconds kRetryPause{50};
constexpr std::size_t kMaxAnswer = 264;  // 256 bytes of data, status word, some room
constexpr std::size_t kHeaderSize = 5;   // CLA INS P1 P2 Lc

[[noreturn]] void fail(const std::string& what, LONG code) {
  throw cps::SlotGone(fmt::format("{}: {}", what, pcsc_text(code)));
}

SCARDCONTEXT establish() {
  SCARDCONTEXT context = 0;
  const LONG code = SCardEstablishContext(SCARD_SCOPE_SYSTEM, nullptr, nullptr, &context);
  if (code != SCARD_S_SUCCESS)
    fail(
        "the PC/SC service (pcscd) does not answer: start it, or take virtual readers (kpd chip "
        "--help)",
        code);
  return context;
}

// A context of one function.
class Context {
 public:
  Context() : handle_(establish()) {}
  ~Context() { SCardReleaseContext(handle_); }
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;
  SCARDCONTEXT handle() const { return handle_; }

 private:
  SCARDCONTEXT handle_;
};

// A command with data as T=0 takes it: without Le.
cps::Bytes for_t0(cps::ByteView command) {
  std::size_t size = command.size();
  if (size > kHeaderSize && size == kHeaderSize + command[kHeaderSize - 1] + 1) --size;
  return {command.begin(), command.begin() + static_cast<std::ptrdiff_t>(size)};
}

DWORD milliseconds_until(Clock::time_point end) {
  const auto left = std::chrono::duration_cast<milliseconds>(end - Clock::now());
  return left.count() > 0 ? static_cast<DWORD>(left.count()) : DWORD{0};
}

}  // namespace

// Jobs of the worker own this, so that a command without answer cannot outlive what it writes to.
struct PcscCard::Link {
  const Context context;
  SCARDHANDLE card = 0;
  bool connected = false;
  DWORD protocol = SCARD_PROTOCOL_T1;
  cps::Bytes atr;
  cps::Bytes command, answer;
  LONG code = SCARD_S_SUCCESS;

  ~Link() { disconnect(SCARD_UNPOWER_CARD); }

  void disconnect(DWORD disposition) {
    if (connected) SCardDisconnect(card, disposition);
    connected = false;
  }

  void read_atr() {
    std::array<std::uint8_t, MAX_ATR_SIZE> bytes{};
    DWORD size = bytes.size(), state = 0, present = 0;
    code = SCardStatus(card, nullptr, nullptr, &state, &present, bytes.data(), &size);
    atr.assign(bytes.begin(), bytes.begin() + (code == SCARD_S_SUCCESS ? size : 0));
  }

  void connect(const std::string& reader, DWORD protocols) {
    code = SCardConnect(context.handle(), reader.c_str(), SCARD_SHARE_EXCLUSIVE, protocols, &card,
                        &protocol);
    connected = code == SCARD_S_SUCCESS;
    if (connected) read_atr();
  }

  void reconnect(DWORD protocols, DWORD initialization) {
    code = SCardReconnect(card, SCARD_SHARE_EXCLUSIVE, protocols, initialization, &protocol);
    if (code == SCARD_S_SUCCESS) read_atr();
  }

  void transmit() {
    const SCARD_IO_REQUEST* pci = protocol == SCARD_PROTOCOL_T0 ? SCARD_PCI_T0 : SCARD_PCI_T1;
    answer.assign(kMaxAnswer, 0);
    DWORD size = answer.size();
    code = SCardTransmit(card, pci, command.data(), command.size(), nullptr, answer.data(), &size);
    answer.resize(code == SCARD_S_SUCCESS ? size : 0);
  }
};

std::vector<std::string> list_readers() {
  const Context context;
  DWORD size = 0;
  LONG code = SCardListReaders(context.handle(), nullptr, nullptr, &size);
  std::vector<char> names(size);
  if (code == SCARD_S_SUCCESS)
    code = SCardListReaders(context.handle(), nullptr, names.data(), &size);
  if (code == SCARD_E_NO_READERS_AVAILABLE) return {};
  if (code != SCARD_S_SUCCESS) fail("the PC/SC readers cannot be listed", code);
  std::vector<std::string> readers;  // names end with NUL, the list with another one
  for (const char* name = names.data(); *name != '\0'; name += std::strlen(name) + 1)
    readers.emplace_back(name);
  return readers;
}

PcscCard::PcscCard(std::string reader, PcscProtocol protocol)
    : reader_(std::move(reader)),
      protocol_(protocol),
      link_(std::make_shared<Link>()),
      worker_(std::make_unique<DeadlineWorker>()) {}

PcscCard::~PcscCard() = default;

unsigned long PcscCard::wanted_protocols() const {
  switch (protocol_) {
    case PcscProtocol::t0:
      return SCARD_PROTOCOL_T0;
    case PcscProtocol::t1:
      return SCARD_PROTOCOL_T1;
    case PcscProtocol::any:
      break;
  }
  return SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1;
}

void PcscCard::let_go() {
  if (!worker_->stuck()) link_->disconnect(SCARD_UNPOWER_CARD);
}

bool PcscCard::connect() {
  const auto job = [link = link_, reader = reader_, protocols = wanted_protocols()] {
    link->connect(reader, protocols);
  };
  if (!worker_->run(job, kResetDeadline))
    throw cps::SlotGone(fmt::format("reader {}: no answer within 30 seconds", reader_));
  const LONG code = link_->code;
  if (code == SCARD_E_SHARING_VIOLATION)
    fail(fmt::format("reader {}: another program holds the card", reader_), code);
  if (pcsc_is_broken(code)) fail(fmt::format("reader {} is not there any more", reader_), code);
  if (code != SCARD_S_SUCCESS) last_error_ = pcsc_text(code);
  return code == SCARD_S_SUCCESS;
}

bool PcscCard::wait_for(unsigned long state, milliseconds timeout) {
  const auto end = Clock::now() + timeout;
  if (worker_->stuck()) throw cps::SlotGone(fmt::format("reader {} does not answer", reader_));
  SCARD_READERSTATE reader{};
  reader.szReader = reader_.c_str();
  reader.dwCurrentState = SCARD_STATE_UNAWARE;  // the first call returns the present state at once
  for (;;) {
    const LONG code =
        SCardGetStatusChange(link_->context.handle(), milliseconds_until(end), &reader, 1);
    if (code == SCARD_E_TIMEOUT) return false;
    if (code != SCARD_S_SUCCESS) fail(fmt::format("reader {}", reader_), code);
    if ((reader.dwEventState & (SCARD_STATE_UNKNOWN | SCARD_STATE_UNAVAILABLE)) != 0)
      throw cps::SlotGone(fmt::format("there is no reader {}", reader_));
    if ((reader.dwEventState & state) != 0) return true;
    if (Clock::now() >= end) return false;
    reader.dwCurrentState = reader.dwEventState;
  }
}

bool PcscCard::wait_for_card(milliseconds timeout) {
  const auto end = Clock::now() + timeout;
  let_go();
  do {
    if (!wait_for(SCARD_STATE_PRESENT, milliseconds(milliseconds_until(end)))) return false;
    if (connect()) return true;
    std::this_thread::sleep_for(kRetryPause);  // the card is there but does not answer (yet)
  } while (Clock::now() < end);
  return false;
}

bool PcscCard::wait_for_removal(milliseconds timeout) {
  let_go();
  return wait_for(SCARD_STATE_EMPTY, timeout);
}

cps::Bytes PcscCard::atr() const {
  return link_->atr;
}

bool PcscCard::reset(cps::Reset how) {
  if (!link_->connected) {
    last_error_ = "no card was there yet";
    return false;
  }
  const DWORD initialization =
      how == cps::Reset::cold ? DWORD{SCARD_UNPOWER_CARD} : DWORD{SCARD_RESET_CARD};
  const auto job = [link = link_, protocols = wanted_protocols(), initialization] {
    link->reconnect(protocols, initialization);
  };
  const bool ended = worker_->run(job, kResetDeadline);
  if (ended && link_->code == SCARD_S_SUCCESS) return true;
  last_error_ = ended ? pcsc_text(link_->code) : "the reader does not answer";
  return false;
}

cps::Response PcscCard::transmit(cps::ByteView command, milliseconds deadline) {
  using Kind = cps::Response::Kind;
  if (worker_->stuck()) return {Kind::broken, {}, "an earlier command has no answer yet"};
  if (!link_->connected) return {Kind::lost, {}, "no card was there yet"};
  link_->command = link_->protocol == SCARD_PROTOCOL_T0
                       ? for_t0(command)
                       : cps::Bytes(command.begin(), command.end());
  if (!worker_->run([link = link_] { link->transmit(); }, deadline))
    return {Kind::broken, {}, fmt::format("no answer within {} ms", deadline.count())};
  const LONG code = link_->code;
  if (code != SCARD_S_SUCCESS)
    return {pcsc_is_broken(code) ? Kind::broken : Kind::lost, {}, pcsc_text(code)};
  if (link_->answer.size() < 2) return {Kind::lost, {}, "the card went away during the command"};
  return {Kind::answered, std::move(link_->answer), ""};
}

}  // namespace kpd
