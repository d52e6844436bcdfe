#include "kpd/tester/findings_dictionary.h"

#include <algorithm>
#include <array>

namespace kpd::tester {
namespace {

constexpr auto kError = Severity::error;
constexpr auto kWarning = Severity::warning;
constexpr auto kNote = Severity::note;

constexpr auto kKinds = std::to_array<FindingKind>({
    // --- the card itself
    {"card.lost", kError, "", "The card stopped answering.",
     "Put it in again; if it happens at the same command, the chip or its contacts are faulty."},
    {"card.broken", kError, "", "The reader or its service went away.",
     "Check the reader and its service, then test the card again."},
    {"card.short-answer", kError, "B3 6.3", "An answer has no status word.",
     "The chip's operating system or the reader is faulty."},
    {"card.limit", kError, "", "The card led the terminal in a circle.",
     "It announces more data or records than a card can hold; it is not fit for use."},
    {"tlv", kError, "B3 B", "A data object is malformed.",
     "Compare the DGI with the template: a length does not fit its value."},

    // --- selection
    {"select.pse", kError, "B1 12.2", "The payment system environment is missing or wrong.",
     "Check that the directory application was loaded with its FCI and records."},
    {"select.no-pse", kNote, "B1 12.2", "The card has no payment system environment.",
     "It is optional; terminals then try every AID that they know."},
    {"select.pse-entry", kError, "B1 12.2.3", "The directory and the applications do not agree.",
     "Make the directory's entries from the applications that the card gets."},
    {"select.aid", kError, "B1 11.3", "An application cannot be selected.",
     "Check that it was installed under this AID and that its personalisation was closed."},
    {"select.blocked", kError, "B1 12.3", "An application is blocked.",
     "A new card must not be blocked; check the scripts that it received."},
    {"select.fci", kError, "B1 11.3.4", "The file control information is not as it must be.",
     "Check the DGI of the FCI: DF name (84) and proprietary template (A5)."},

    // --- reading
    {"gpo", kError, "B3 10.1", "GET PROCESSING OPTIONS failed.",
     "Check the PDOL (9F38) and the DGI of AIP and AFL."},
    {"gpo.format", kError, "B3 6.5.8.4", "The answer to GET PROCESSING OPTIONS is malformed.",
     "AIP has 2 bytes, AFL a multiple of 4, in template 80 or 77."},
    {"record", kError, "B3 10.2", "A record that the AFL names cannot be read.",
     "Check that the DGI of this record was prepared and loaded, and that the AFL is right."},
    {"record.template", kError, "B3 6.5.11.4", "A record is not one template 70.",
     "Check the DGI of this record: tag 70 and a length that spans all of it."},
    {"data.duplicate", kError, "B3 7", "A data object stands on the card twice.",
     "Keep each tag in one record only."},
    {"data.mandatory", kError, "B3 7.2", "A mandatory data object is missing.",
     "Add the tag to the records of the application template."},
    {"data.length", kWarning, "B3 A1", "A data object has a length outside its definition.",
     "Check the field's format in the application template."},
    {"data.format", kError, "B3 4.3", "A data object has the wrong format.",
     "Check how the template encodes this field."},
    {"data.luhn", kWarning, "", "The PAN's check digit is wrong.",
     "Check the PAN in the intake record."},
    {"data.track2", kError, "B3 A1", "Track 2 equivalent data does not agree with the card's data.",
     "Make tag 57 from the same PAN and expiry as 5A and 5F24."},
    {"data.expired", kWarning, "B3 10.4.3", "The application is out of date or not yet effective.",
     "Check 5F24 and 5F25 against the date of the test."},
    {"data.differs", kError, "", "The card does not hold what was prepared.",
     "The card was loaded from other data or was changed after; make it again."},
    {"data.missing", kError, "", "Something that was prepared is not on the card.",
     "Look in the loader's report for this DGI; make the card again."},
    {"data.unexpected", kError, "", "The card holds something that was not prepared.",
     "The card was not empty before loading, or was loaded from other data."},
    {"data.unreadable", kWarning, "", "Prepared data cannot be read back to be compared.",
     "Some cards keep these objects to themselves; compare one of them by hand."},

    {"file.missing", kError, "", "A file that was prepared cannot be selected or read.",
     "Look in the loader's report for its DGI and for 0062, which creates it."},
    {"file.control", kError, "", "The prepared file control parameters are malformed.",
     "DGI 0062 holds one template 62 for each file, with 82 and 83."},
    {"file.longer", kError, "", "A file holds more than was prepared.",
     "The card was not empty before loading, or was loaded from other data."},

    // --- offline data authentication
    {"oda.static-data", kError, "B3 10.3", "The signed data cannot be put together.",
     "Signed records must be template 70, and 9F4A may hold 82 only."},
    {"oda.ca-key", kError, "B2 5.2", "The terminal has no CA key for this card.",
     "Give the tester the CA key of this RID and index (8F), or check 8F."},
    {"oda.missing", kError, "B2 5.1", "Data that the AIP promises for authentication is missing.",
     "Add the certificate, exponent or signature to the records, or change the AIP."},
    {"oda.issuer-cert", kError, "B2 5.3", "The issuer's certificate is wrong.",
     "Check that 90, 92 and 9F32 belong together and to the CA key index (8F)."},
    {"oda.issuer-cert.cert-length", kError, "B2 5.3",
     "The issuer's certificate or what belongs to it has a wrong length.",
     "It must be as long as the CA's modulus, and 92 and 9F32 as long as it says: check 8F, 90, 92 "
     "and 9F32."},
    {"oda.issuer-cert.cert-trailer", kError, "B2 5.3",
     "The issuer's certificate cannot be opened with the CA key.",
     "8F names another CA key than the one that signed 90, or 90 was changed."},
    {"oda.issuer-cert.cert-hash", kError, "B2 5.3",
     "The hash in the issuer's certificate is wrong.",
     "Check the remainder (92) and the exponent (9F32)."},
    {"oda.issuer-cert.cert-expired", kError, "B2 5.3", "The issuer's certificate has expired.",
     "Get a new certificate from the scheme's CA."},
    {"oda.issuer-cert.cert-subject", kError, "B2 5.3",
     "The issuer's certificate is for another issuer.",
     "Its issuer identifier must be the PAN's first digits; check the BIN and the certificate."},
    {"oda.icc-cert", kError, "B2 6.4", "The card's certificate is wrong.",
     "Check that 9F46, 9F47 and 9F48 belong together and to this issuer's key."},
    {"oda.icc-cert.cert-length", kError, "B2 6.4",
     "The card's certificate or what belongs to it has a wrong length.",
     "It must be as long as the issuer's modulus, and 9F47 and 9F48 as long as it says."},
    {"oda.icc-cert.cert-trailer", kError, "B2 6.4",
     "The card's certificate cannot be opened with the issuer's key.",
     "It was signed by another issuer key than the one in 90, or 9F46 was changed."},
    {"oda.icc-cert.cert-hash", kError, "B2 6.4", "The hash in the card's certificate is wrong.",
     "A signed record, the AIP, 9F47 or 9F48 differs from what was signed."},
    {"oda.icc-cert.cert-expired", kError, "B2 6.4", "The card's certificate has expired.",
     "Check the expiry that the signing step gave it."},
    {"oda.icc-cert.cert-subject", kError, "B2 6.4", "The card's certificate is for another PAN.",
     "Two cards' data were mixed: stop the batch."},
    {"oda.pin-cert", kError, "B2 7.1", "The certificate of the PIN key is wrong.",
     "Check that 9F2D, 9F2E and 9F2F belong together and to this issuer's key."},
    {"oda.pin-cert.cert-expired", kError, "B2 7.1", "The certificate of the PIN key has expired.",
     "Check the expiry that the signing step gave it."},
    {"oda.pin-cert.cert-subject", kError, "B2 7.1",
     "The certificate of the PIN key is for another PAN.",
     "Two cards' data were mixed: stop the batch."},
    {"oda.sda", kError, "B2 5.4", "The signature of the static data is wrong.",
     "Check that 93 was made with the issuer key of certificate 90."},
    {"oda.sda.trailer", kError, "B2 5.4", "The signature of the static data cannot be opened.",
     "93 was made with another issuer key than the one in 90, or was changed."},
    {"oda.sda.hash", kError, "B2 5.4", "The signed static data is not what is on the card.",
     "A signed record or the AIP was changed after signing, or the AFL signs other records."},
    {"oda.dda", kError, "B2 6.5", "Dynamic data authentication failed.",
     "The private key on the card does not fit its certificate (9F46)."},
    {"oda.dda.ddol", kError, "B2 6.5.1",
     "The DDOL is malformed or does not ask for a random number.", "9F49 must contain 9F37."},
    {"oda.cda", kError, "B2 6.6", "Combined data authentication failed.",
     "The private key does not fit its certificate, or the card signed other data than it was "
     "sent."},

    // --- cardholder verification
    {"pin.cvm-list", kError, "B3 10.5", "The CVM list is malformed.",
     "Tag 8E holds two amounts of 4 bytes, then pairs of bytes."},
    {"pin.plain", kError, "B3 6.5.12", "The card refuses the cardholder's PIN.",
     "Check the PIN block's format in DGI 8010, its transport key, and the PIN given to the "
     "tester."},
    {"pin.enciphered", kError, "B2 7", "The card refuses the cardholder's PIN enciphered.",
     "Check the PIN block in DGI 8010 and the key pair for PIN encipherment."},
    {"pin.last-try", kWarning, "B3 6.5.12", "The PIN was not tried: few or no tries are left.",
     "Check the PIN try counter in DGI 9010; the tester never spends the last try."},
    {"pin.tries", kWarning, "B3 6.5.7", "The PIN was not tried: the card hides its try counter.",
     "Let GET DATA 9F17 be answered, or test the PIN elsewhere."},

    // --- cryptograms
    {"ac.command", kError, "B3 6.5.5", "GENERATE AC failed.",
     "Check CDOL1 and CDOL2 and the card's keys."},
    {"ac.format", kError, "B3 6.5.5.4", "The answer to GENERATE AC is malformed.",
     "The application on the chip is faulty."},
    {"ac.declined", kError, "B3 9.2", "The card declines the transaction.",
     "Check the issuer action codes, the card risk parameters and the terminal profile."},
    {"ac.loosened", kError, "B3 9.2", "The card gave more than the terminal asked for.",
     "The application on the chip is faulty."},
    {"ac.arqc", kError, "B2 8.1", "The application cryptogram is wrong.",
     "Check the UDK: the issuer's master key, option A or B, PSN, and the cryptogram version."},
    {"ac.host", kWarning, "", "The cryptogram could not be judged.",
     "Name the cryptogram version and the master key of this application for the tester."},
    {"ac.arpc", kError, "B2 8.2", "The card refuses the issuer's answer.",
     "Check the method of issuer authentication and the key for cryptograms."},
    {"ac.second", kError, "B3 10.9", "The card does not approve after an approval from the issuer.",
     "Check how the card acts after issuer authentication, and its CDOL2."},
    {"ac.second-cryptogram", kError, "B2 8.1", "The second application cryptogram is wrong.",
     "Check the session key rule of the cryptogram version."},
    {"ac.atc", kError, "B3 6.5.5.4", "The transaction counter is wrong.",
     "It must stay the same within a transaction."},
});

}  // namespace

const char* severity_name(Severity severity) {
  switch (severity) {
    case Severity::note:
      return "note";
    case Severity::warning:
      return "warning";
    default:
      return "error";
  }
}

const FindingKind* find_finding_kind(std::string_view id) {
  while (true) {
    const auto found = std::find_if(kKinds.begin(), kKinds.end(),
                                    [id](const FindingKind& kind) { return kind.id == id; });
    if (found != kKinds.end()) return &*found;
    const auto dot = id.rfind('.');
    if (dot == std::string_view::npos) return nullptr;
    id = id.substr(0, dot);
  }
}

std::span<const FindingKind> finding_kinds() {
  return kKinds;
}

}  // namespace kpd::tester
