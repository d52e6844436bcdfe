#include "test/unit/cps/generators.h"

namespace cps::test {

Gen<Bytes> bytes_of(std::size_t low, std::size_t high) {
  return gen::mapcat(gen::inRange(low, high + 1), [](std::size_t size) {
    return gen::container<Bytes>(size, gen::arbitrary<std::uint8_t>());
  });
}

Gen<std::string> text_of(std::size_t size) {
  return gen::container<std::string>(
      size, gen::map(gen::inRange(0x21, 0x7F), [](int c) { return static_cast<char>(c); }));
}

Gen<DgiId> any_dgi_id() {
  return gen::arbitrary<DgiId>();
}

Gen<Dgi> any_dgi() {
  const auto sizes = gen::weightedOneOf<Bytes>({{8, bytes_of(0, 40)}, {1, bytes_of(250, 260)}});
  return gen::build<Dgi>(gen::set(&Dgi::id), gen::set(&Dgi::value, sizes));
}

namespace {

Gen<DeviceInstructions> any_instructions() {
  using D = DeviceInstructions;
  const auto statements = list_of(0, 2, list_of(1, 3, any_dgi_id()));
  const auto enciphered =
      gen::build<EncipheredDgi>(gen::set(&EncipheredDgi::id), gen::set(&EncipheredDgi::type));
  return gen::build<D>(
      gen::set(&D::order, statements), gen::set(&D::version_control, list_of(0, 3, any_dgi_id())),
      gen::set(&D::enciphered, list_of(0, 3, enciphered)), gen::set(&D::random, bytes_of(0, 4)),
      gen::set(&D::groups, statements), gen::set(&D::security_level), gen::set(&D::update_cplc));
}

Gen<Application> any_application() {
  using T = TransportKeyUse;
  const auto key =
      gen::build<T>(gen::set(&T::key_id, bytes_of(4, 4)), gen::set(&T::type), gen::set(&T::mode),
                    gen::set(&T::dgis, list_of(0, 4, any_dgi_id())));
  const auto step = gen::build<Step>(
      gen::set(&Step::action), gen::set(&Step::required), gen::set(&Step::tag),
      gen::set(&Step::instructions, any_instructions()), gen::set(&Step::pointer, bytes_of(0, 4)));
  const auto plain =
      gen::build<Application>(gen::set(&Application::aid, bytes_of(5, 16)),
                              gen::set(&Application::transport_keys, list_of(0, 3, key)),
                              gen::set(&Application::owner, bytes_of(0, 8)),
                              gen::set(&Application::steps, list_of(0, 2, step)),
                              gen::set(&Application::log_data, bytes_of(0, 8)),
                              gen::set(&Application::dgis, list_of(0, 8, any_dgi())));
  return gen::map(gen::tuple(plain, bytes_of(16, 24), bytes_of(4, 4), gen::arbitrary<bool>()),
                  [](std::tuple<Application, Bytes, Bytes, bool> parts) {
                    Application application = std::get<0>(parts);
                    if (std::get<3>(parts)) {
                      application.mac_key = std::get<1>(parts);
                      application.mac = std::get<2>(parts);
                    }
                    return application;
                  });
}

}  // namespace

Gen<Record> any_record() {
  return gen::build<Record>(gen::set(&Record::layout_version, text_of(4)),
                            gen::set(&Record::reference, bytes_of(0, 20)),
                            gen::set(&Record::status, text_of(2)),
                            gen::set(&Record::applications, list_of(0, 3, any_application())));
}

}  // namespace cps::test
