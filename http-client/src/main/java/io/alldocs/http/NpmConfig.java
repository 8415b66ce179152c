package io.alldocs.http;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What {@code .npmrc} files say: registry, registries of scopes, credentials per registry path. Immutable. {@code toString()} names registries and
 * where credentials go, never a secret.
 *
 * <p>Read as npm reads it (<a href="https://docs.npmjs.com/cli/v11/configuring-npm/npmrc">npmrc</a>, packages {@code ini}, {@code @npmcli/config} and
 * {@code npm-registry-fetch}):
 *
 * <ul>
 *   <li>{@code ;} and {@code #} begin a comment unless escaped with a backslash; values may stand in quotes; the last of two equal names counts; sections
 *       are read over.
 *   <li>{@code ${NAME}} is replaced in names and values, {@code ${NAME?}} by nothing if the variable is not set. A {@code ${NAME}} that is not set stays as it is,
 *       except that credentials which still hold one are left out with a warning: to send a placeholder helps nobody.
 *   <li>Credentials: {@code //host[:port]/path/:_authToken}, else {@code :_auth}, else {@code :username} with {@code :_password} (base64). The longest
 *       path wins. Without {@code //host} in front, as npm wrote them up to version 8, they are for {@code registry}.
 * </ul>
 *
 * <p>{@code NPM_TOKEN} is a token for the npm registry and takes the place of one in the file. What is for the npm registry under one of its two host names
 * holds under the other. One file is read at a time; {@link #orElse} puts two together.
 */
public final class NpmConfig implements Credentials {

    private static final Logger LOG = System.getLogger(NpmConfig.class.getName());
    private static final Pattern UNSET_VARIABLE = Pattern.compile("\\$\\{[^${}]+}");
    private static final String NPM_REGISTRY = "registry.npmjs.com";

    private final Map<String, URI> registries;
    private final Map<String, String> authorizations;

    /**
     * @param registries by scope, {@code ""} for the default
     * @param authorizations header values by host, port and path without a slash at the end
     */
    private NpmConfig(Map<String, URI> registries, Map<String, String> authorizations) {
        this.registries = Map.copyOf(registries);
        this.authorizations = Map.copyOf(authorizations);
    }

    /** Nothing configured. */
    public static NpmConfig empty() {
        return new NpmConfig(Map.of(), Map.of());
    }

    /**
     * Reads one file; {@code ${NAME}} is replaced by {@code environment.apply("NAME")}; {@code NPM_TOKEN} from it serves the npm registry. A file that does
     * not exist counts as empty.
     *
     * @throws IllegalArgumentException if a setting cannot be used; the message names file, line and setting, never its value
     * @throws UncheckedIOException if the file cannot be read
     */
    public static NpmConfig load(Path npmrc, Function<String, @Nullable String> environment) {
        try {
            return new Reader(npmrc, environment).read(TextLines.readAll(npmrc));
        } catch (NoSuchFileException e) {
            return fromEnvironment(environment);
        } catch (TextLines.LineException e) {
            throw new IllegalArgumentException(npmrc + ", " + e.getMessage(), e);
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "Cannot read " + npmrc + ": " + e.getClass().getSimpleName() + ".", e);
        }
    }

    /** Only what the environment says ({@code NPM_TOKEN}). */
    public static NpmConfig fromEnvironment(Function<String, @Nullable String> environment) {
        return new Reader(Path.of("environment"), environment).read("");
    }

    /** What both say; where they differ, this one counts. npm's order: the project's file before the user's before the machine's. */
    public NpmConfig orElse(NpmConfig other) {
        Map<String, URI> allRegistries = new HashMap<>(other.registries);
        allRegistries.putAll(registries);
        Map<String, String> allAuthorizations = new HashMap<>(other.authorizations);
        allAuthorizations.putAll(authorizations);
        return new NpmConfig(allRegistries, allAuthorizations);
    }

    /** The default registry, if one is set. */
    public Optional<URI> registry() {
        return Optional.ofNullable(registries.get(""));
    }

    /**
     * The registry of {@code @scope}, if one is set.
     *
     * @param scope with or without its {@code @}
     */
    public Optional<URI> registryForScope(String scope) {
        return Optional.ofNullable(registries.get(scope.startsWith("@") ? scope : "@" + scope));
    }

    @Override
    public Optional<String> authorizationFor(URI uri) {
        Origins.requireHttp(uri);
        for (String place = place(uri); !place.isEmpty(); place = parent(place)) {
            String authorization = authorizations.get(place);
            if (authorization != null) {
                return Optional.of(authorization);
            }
        }
        return Optional.empty();
    }

    @Override
    public String toString() {
        Map<String, String> shown = new TreeMap<>();
        registries.forEach((scope, uri) -> shown.put(scope, Redaction.uri(uri)));
        return "NpmConfig[registries=" + shown + ", credentials for="
                + authorizations.keySet().stream().sorted().toList() + "]";
    }

    private static String place(URI uri) {
        String host = Origins.isNpmRegistry(uri) ? NPM_REGISTRY : Origins.authority(uri);
        String path = uri.normalize().getRawPath();
        return withoutSlash(host + (path == null ? "" : path));
    }

    /** The place one path segment up, empty above the host. */
    private static String parent(String place) {
        int slash = place.lastIndexOf('/');
        return slash < 0 ? "" : place.substring(0, slash);
    }

    private static String withoutSlash(String place) {
        return place.endsWith("/") ? place.substring(0, place.length() - 1) : place;
    }

    /** The secrets of one place, until the file is read to its end. */
    private static final class Login {
        private @Nullable String token;
        private @Nullable String auth;
        private @Nullable String username;
        private @Nullable String password;
    }

    /** Reads one file. */
    private static final class Reader {
        private final Path file;
        private final Function<String, @Nullable String> environment;
        private final Map<String, URI> registries = new HashMap<>();
        private final Map<String, Login> logins = new HashMap<>();
        private int line;
        private String name = "";

        Reader(Path file, Function<String, @Nullable String> environment) {
            this.file = file;
            this.environment = environment;
        }

        NpmConfig read(String text) {
            for (Ini.Setting setting : Ini.parse(text)) {
                line = setting.line();
                name = expand(setting.name());
                take(expand(setting.value()));
            }
            Map<String, String> authorizations = new HashMap<>();
            logins.forEach(
                    (place, login) -> authorization(login).ifPresent(a -> authorizations.put(resolved(place), a)));
            environmentToken().ifPresent(token -> authorizations.put(NPM_REGISTRY, "Bearer " + token));
            return new NpmConfig(registries, authorizations);
        }

        private void take(String value) {
            int colon = name.lastIndexOf(':');
            String key = name.substring(colon + 1);
            String prefix = colon < 0 ? "" : name.substring(0, colon);
            if (key.equals("registry") && (prefix.isEmpty() || prefix.startsWith("@"))) {
                registries.put(prefix, registry(value));
            } else if (colon < 0 || prefix.startsWith("//")) {
                takeSecret(prefix, key, value);
            }
        }

        private void takeSecret(String prefix, String key, String value) {
            switch (key) {
                case "_authToken", "_auth", "username", "_password" -> {}
                default -> {
                    return;
                }
            }
            if (UNSET_VARIABLE.matcher(value).find()) {
                LOG.log(
                        Level.WARNING,
                        "{0}, line {1}: {2} names a variable that is not set; left out.",
                        file,
                        line,
                        shownName());
                return;
            }
            if (!Headers.isValue(value)) {
                throw invalid("holds characters that cannot be sent");
            }
            Login login = logins.computeIfAbsent(prefix, p -> new Login());
            switch (key) {
                case "_authToken" -> login.token = value;
                case "_auth" -> login.auth = value;
                case "username" -> login.username = value;
                default -> login.password = password(value);
            }
        }

        private String password(String base64) {
            try {
                return new String(Base64.getDecoder().decode(base64), StandardCharsets.UTF_8);
            } catch (IllegalArgumentException e) {
                // The cause is left out: its message repeats a character of the secret.
                throw invalid("is not base64");
            }
        }

        private URI registry(String value) {
            try {
                URI uri = new URI(value);
                Origins.requireHttp(uri);
                return uri;
            } catch (URISyntaxException | IllegalArgumentException e) {
                // The cause is left out: its message repeats the value, which may carry a password.
                throw invalid("is not an http or https address without user information");
            }
        }

        private static Optional<String> authorization(Login login) {
            if (login.token != null && !login.token.isEmpty()) {
                return Optional.of("Bearer " + login.token);
            }
            if (login.auth != null && !login.auth.isEmpty()) {
                return Optional.of("Basic " + login.auth);
            }
            if (login.username != null && login.password != null) {
                byte[] pair = (login.username + ":" + login.password).getBytes(StandardCharsets.UTF_8);
                return Optional.of("Basic " + Base64.getEncoder().encodeToString(pair));
            }
            return Optional.empty();
        }

        /** A setting's {@code //host/path/} as the place it is for; those without one are for the registry. */
        private String resolved(String prefix) {
            if (prefix.isEmpty()) {
                return registries.containsKey("") ? place(registries.get("")) : NPM_REGISTRY;
            }
            String rest = prefix.substring(2);
            int slash = rest.indexOf('/');
            String host = (slash < 0 ? rest : rest.substring(0, slash)).toLowerCase(Locale.ROOT);
            String path = slash < 0 ? "" : rest.substring(slash);
            return withoutSlash((Origins.isNpmRegistryHost(host) ? NPM_REGISTRY : host) + path);
        }

        private Optional<String> environmentToken() {
            String token = environment.apply("NPM_TOKEN");
            if (token == null || token.isBlank()) {
                return Optional.empty();
            }
            if (!Headers.isValue(token.strip())) {
                throw new IllegalArgumentException("NPM_TOKEN holds characters that cannot be sent.");
            }
            return Optional.of(token.strip());
        }

        private String expand(String text) {
            return Ini.expand(text, environment);
        }

        private IllegalArgumentException invalid(String problem) {
            return new IllegalArgumentException(file + ", line " + line + ": " + shownName() + " " + problem + ".");
        }

        private String shownName() {
            return Redaction.excerpt(name);
        }
    }
}
