package io.alldocs.http;

import io.alldocs.http.NpmConfig.InForce;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** Lists the settings in force for display: first those with defaults, then those of scopes and hosts. */
final class EffectiveSettings {

    private static final String DEFAULT = "default";
    private static final Pattern PROXY_USER = Pattern.compile("^((?:[A-Za-z][A-Za-z0-9+.-]*://)?).*@");

    private final Settings settings;
    private final List<InForce> list = new ArrayList<>();

    EffectiveSettings(Settings settings) {
        this.settings = settings;
    }

    List<InForce> list() {
        add("registry", settings.find("registry"), "https://" + NerfDart.NPM_REGISTRY + "/");
        proxies();
        add("noproxy", Proxies.noProxy(settings), "");
        certificates();
        settings.variable(NpmConfig.CREDENTIALS_OVER_HTTP).ifPresent(setting -> add(setting.name(), setting));
        settings.all().stream()
                .filter(EffectiveSettings::isOfScopeOrHost)
                .sorted(Comparator.comparing(Setting::name))
                .forEach(setting -> add(setting.name(), setting));
        return List.copyOf(list);
    }

    private void proxies() {
        add("proxy for https", Proxies.forHttps(settings), "none");
        add("proxy for http", Proxies.forHttp(settings), "none");
    }

    private void certificates() {
        add("strict-ssl", settings.find("strict-ssl"), "true");
        Optional<Setting> own = settings.find("cafile").or(() -> settings.find("ca"));
        if (own.isPresent()) {
            add(own.get().name(), own.get());
            return;
        }
        for (String variable : List.of("NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE")) {
            settings.variable(variable).ifPresent(setting -> add(variable, setting));
        }
    }

    private static boolean isOfScopeOrHost(Setting setting) {
        String name = setting.name();
        return (name.startsWith("@") && name.endsWith(":registry"))
                || (name.startsWith("//") && isUsed(name.substring(name.lastIndexOf(':') + 1)));
    }

    private static boolean isUsed(String key) {
        return switch (key) {
            case "_authToken", "_auth", "username", "_password", "certfile", "keyfile" -> true;
            default -> false;
        };
    }

    private void add(String name, Optional<Setting> setting, String otherwise) {
        if (setting.isPresent()) {
            add(name, setting.get());
        } else {
            list.add(new InForce(name, otherwise, DEFAULT));
        }
    }

    private void add(String name, Setting setting) {
        list.add(new InForce(Redaction.excerpt(name), shown(name, setting), setting.source()));
    }

    private static String shown(String name, Setting setting) {
        if (NpmLogins.isSecret(name)) {
            return Redaction.MASK;
        }
        String value = String.join(",", setting.values());
        if (name.startsWith("proxy")) {
            String address = PROXY_USER.matcher(value).replaceFirst("$1");
            return Redaction.excerpt(address) + (address.equals(value) ? "" : " (with a user)");
        }
        return name.equals("ca") ? "(certificates: " + setting.values().size() + ")" : Redaction.excerpt(value);
    }
}
