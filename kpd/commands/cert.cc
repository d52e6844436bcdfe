// kpd cert: issuer certificates of the schemes, from the request to the end of their validity.
#include "kpd/commands/cert_options.h"

namespace kpd {

void add_cert(CLI::App& app, Invocation& invocation) {
  CLI::App* command =
      app.add_subcommand("cert", "Request, import, list and retire issuer certificates");
  command->require_subcommand(1);
  add_cert_request(*command, invocation);
  add_cert_import_ca(*command, invocation);
  add_cert_import(*command, invocation);
  add_cert_list(*command, invocation);
  add_cert_show(*command, invocation);
  add_cert_retire(*command, invocation);
  add_cert_serials(*command, invocation);
  command->footer("Example:  kpd cert list --area demo/area.yaml --warn-days 90");
}

}  // namespace kpd
