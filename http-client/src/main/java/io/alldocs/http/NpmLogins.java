package io.alldocs.http;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Extracts the credentials from the settings: {@code _authToken}, else {@code _auth}, else {@code username} with
 * {@code _password} (base64).
 */
final class NpmLogins {

    /** The setting that {@code NPM_TOKEN} is equivalent to. */
    static final String NPM_TOKEN = "//" + NerfDart.NPM_REGISTRY + "/:_authToken";

    private static final Set<String> SECRETS = Set.of("_authToken", "_auth", "_password");

    private @Nullable String token;
    private @Nullable String auth;
    private @Nullable String username;
    private @Nullable String password;

    private NpmLogins() {}

    /** Returns whether the value of a setting must not be shown. */
    static boolean isSecret(String name) {
        return SECRETS.contains(key(name));
    }

    private static boolean isCredential(String name) {
        return isSecret(name) || key(name).equals("username");
    }

    private static String key(String name) {
        return name.substring(name.lastIndexOf(':') + 1);
    }

    /**
     * Assigns the credentials of one source that name no host, as npm wrote them up to version 8. They apply to the
     * registry that the same source names, else to npm's. They must not be sent to a registry that another file names.
     */
    static Map<String, Setting> withHosts(Map<String, Setting> source) {
        if (source.keySet().stream().noneMatch(name -> name.indexOf(':') < 0 && isCredential(name))) {
            return source;
        }
        Setting registry = source.get("registry");
        String prefix = registry == null ? "//" + NerfDart.NPM_REGISTRY + "/" : NerfDart.prefix(address(registry));
        Map<String, Setting> named = new LinkedHashMap<>();
        source.forEach((name, setting) -> {
            boolean hostless = name.indexOf(':') < 0 && isCredential(name);
            String full = hostless ? prefix + ":" + name : name;
            if (!hostless || !source.containsKey(full)) {
                named.put(full, new Setting(full, setting.values(), setting.source()));
            }
        });
        return named;
    }

    /**
     * Returns the values of the Authorization header by {@link NerfDart}.
     *
     * @param settings in ascending order of precedence
     * @throws IllegalArgumentException if a credential cannot be sent
     */
    static Map<String, String> authorizations(Collection<Setting> settings) {
        Map<String, NpmLogins> logins = new HashMap<>();
        for (Setting setting : settings) {
            int colon = setting.name().lastIndexOf(':');
            if (setting.name().startsWith("//") && colon > 0 && isCredential(setting.name())) {
                logins.computeIfAbsent(NerfDart.of(setting.name().substring(0, colon)), place -> new NpmLogins())
                        .take(setting);
            }
        }
        Map<String, String> authorizations = new HashMap<>();
        logins.forEach((place, login) -> login.authorization().ifPresent(value -> authorizations.put(place, value)));
        return authorizations;
    }

    private void take(Setting setting) {
        if (!Headers.isValue(setting.value())) {
            throw setting.invalid("contains characters that are not allowed in an HTTP header");
        }
        switch (key(setting.name())) {
            case "_authToken" -> token = setting.value();
            case "_auth" -> auth = setting.value();
            case "username" -> username = setting.value();
            default -> password = decoded(setting);
        }
    }

    /** Decodes either base64 alphabet (RFC 4648 §4 and §5), as Node does. */
    private static String decoded(Setting setting) {
        try {
            String base64 = setting.value().replace('-', '+').replace('_', '/');
            return new String(Base64.getDecoder().decode(base64), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            // The cause is omitted because its message repeats a character of the secret.
            throw setting.invalid("is not base64");
        }
    }

    private Optional<String> authorization() {
        if (token != null) {
            return Optional.of("Bearer " + token);
        }
        if (auth != null) {
            return Optional.of("Basic " + auth);
        }
        return username == null || password == null ? Optional.empty() : Optional.of(basic(username, password));
    }

    /** Returns Basic credentials as of RFC 7617, in UTF-8. */
    static String basic(String user, String password) {
        byte[] pair = (user + ":" + password).getBytes(StandardCharsets.UTF_8);
        return "Basic " + Base64.getEncoder().encodeToString(pair);
    }

    /**
     * Returns the address of a registry.
     *
     * @throws IllegalArgumentException if it is not an address of a registry
     */
    static URI address(Setting setting) {
        try {
            URI uri = new URI(setting.value());
            Origins.requireHttp(uri);
            return uri;
        } catch (URISyntaxException | IllegalArgumentException e) {
            // The cause is omitted because its message repeats the value, which may contain a password.
            throw setting.invalid("must be an http or https address without user information");
        }
    }
}
