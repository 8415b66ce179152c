package io.alldocs.http;

import java.net.URI;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import javax.net.ssl.SSLContext;

/**
 * The npm configuration: registry, registries of scopes, credentials, proxies and certificates. Immutable and safe for
 * concurrent use. {@code toString()} shows registries and the addresses that have credentials, never a secret.
 *
 * <p>{@link #loader} finds the sources. The files are parsed as npm parses them (<a
 * href="https://docs.npmjs.com/cli/v11/configuring-npm/npmrc">npmrc</a>, packages {@code ini}, {@code @npmcli/config}
 * and {@code npm-registry-fetch}):
 *
 * <ul>
 * <li>{@code ;} and {@code #} begin a comment unless escaped with a backslash. Values may be in quotes. {@code name[]}
 * adds an element to a list; for other names, the last line with the name applies. Sections are skipped.
 * <li>{@code ${NAME}} is replaced in names and values. {@code ${NAME?}} becomes an empty string if the variable is not
 * set. A {@code ${NAME}} whose variable is not set is left unchanged; a credential that still contains one is ignored
 * with a warning.
 * <li>Credentials: {@code //host[:port]/path/:_authToken}, else {@code :_auth}, else {@code :username} with
 * {@code :_password} (base64). The longest path that matches an address applies. Credentials without a leading
 * {@code //host}, as npm wrote them up to version 8, apply to the {@code registry} of the same file.
 * </ul>
 *
 * <p>Settings for the npm registry under one of its two host names also apply to the other.
 */
public final class NpmConfig implements Credentials {

    private static final NpmConfig EMPTY = new NpmConfig(Settings.NONE);
    private static final String REGISTRY = "registry";

    static final String CREDENTIALS_OVER_HTTP = "NPM_CREDENTIALS_OVER_HTTP";

    private final Settings settings;
    private final Map<String, URI> registries = new HashMap<>();
    private final Map<String, String> authorizations;

    /** @throws IllegalArgumentException if a registry or a credential cannot be used */
    NpmConfig(Settings settings) {
        this.settings = settings;
        for (Setting setting : settings.all()) {
            String name = setting.name();
            if (name.equals(REGISTRY)) {
                registries.put("", NpmLogins.address(setting));
            } else if (name.startsWith("@") && name.endsWith(":" + REGISTRY)) {
                registries.put(name.substring(0, name.length() - REGISTRY.length() - 1), NpmLogins.address(setting));
            }
        }
        this.authorizations = NpmLogins.authorizations(settings.all());
        settings.variable(CREDENTIALS_OVER_HTTP)
                .filter(setting ->
                        !List.of("true", "false").contains(setting.value().toLowerCase(Locale.ROOT)))
                .ifPresent(setting -> {
                    throw setting.invalid("must be true or false");
                });
    }

    /**
     * One setting in force.
     *
     * @param name as npm writes it
     * @param value for display: secrets are masked, certificates shortened
     * @param source the option, variable, or file and line that it comes from; {@code default} for a default
     */
    public record InForce(String name, String value, String source) {}

    /** Returns a configuration without any setting. */
    public static NpmConfig empty() {
        return EMPTY;
    }

    /**
     * Returns a loader of the npm configuration.
     *
     * @param variables the environment variables; read while {@link NpmConfigLoader#load} runs
     */
    public static NpmConfigLoader loader(Map<String, String> variables) {
        return new NpmConfigLoader(variables);
    }

    /**
     * Loads the configuration with {@link #loader} in one call.
     *
     * @param variables the environment variables
     * @param userFiles as {@link NpmConfigLoader#userFiles}
     * @param project as {@link NpmConfigLoader#project}, if there is one
     * @throws IllegalArgumentException as {@link NpmConfigLoader#load}
     * @throws java.io.UncheckedIOException as {@link NpmConfigLoader#load}
     */
    public static NpmConfig load(Map<String, String> variables, boolean userFiles, Optional<Path> project) {
        NpmConfigLoader loader = loader(variables).userFiles(userFiles);
        project.ifPresent(loader::project);
        return loader.load();
    }

    /** Returns the default registry, if one is set. */
    public Optional<URI> registry() {
        return Optional.ofNullable(registries.get(""));
    }

    /**
     * Returns the registry of {@code @scope}, if one is set. Names of that scope must not be requested from any other
     * registry. Letter case is ignored, because npm scopes have no capitals. This differs from npm, which would request
     * the private name from the default registry.
     *
     * @param scope with or without its {@code @}
     */
    public Optional<URI> registryForScope(String scope) {
        String name = scope.startsWith("@") ? scope : "@" + scope;
        return Optional.ofNullable(registries.get(name))
                .or(() -> registries.entrySet().stream()
                        .filter(entry -> entry.getKey().equalsIgnoreCase(name))
                        .map(Map.Entry::getValue)
                        .findFirst());
    }

    /**
     * Returns the scopes that have a registry other than {@code registry}, each with its {@code @}. Their names must
     * not be requested from {@code registry}. The set ignores letter case.
     *
     * @throws IllegalArgumentException if {@code registry} is not an http or https address
     */
    public Set<String> scopesOutside(URI registry) {
        Origins.requireHttp(registry);
        String place = NerfDart.of(registry);
        Set<String> scopes = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
        registries.forEach((scope, address) -> {
            if (!scope.isEmpty() && !NerfDart.of(address).equals(place)) {
                scopes.add(scope);
            }
        });
        return Collections.unmodifiableSet(scopes);
    }

    @Override
    public Optional<String> authorizationFor(URI uri) {
        Origins.requireHttp(uri);
        return authorizations.isEmpty() ? Optional.empty() : NerfDart.longest(uri, authorizations::get);
    }

    /** Returns the settings that this project uses and the source of each, including defaults. */
    public List<InForce> settings() {
        return new EffectiveSettings(settings).list();
    }

    /**
     * Returns the proxies; empty if none is configured.
     *
     * @throws IllegalArgumentException if one cannot be used
     */
    Optional<Proxies> proxies() {
        return Proxies.of(settings);
    }

    /**
     * Returns the TLS context; empty if no TLS setting is configured.
     *
     * @throws IllegalArgumentException if a certificate or key cannot be used
     */
    Optional<SSLContext> sslContext() {
        return Tls.context(settings);
    }

    /** Returns whether {@code strict-ssl=false} is set. A transport then does not verify host names either. */
    boolean acceptsAnyServer() {
        return Tls.acceptsAnyServer(settings).isPresent();
    }

    /** Returns the transport that {@code HTTP_TRANSPORT} names; empty if it is not set. */
    Optional<String> transport() {
        return settings.variable(HttpTransports.VARIABLE).map(Setting::value);
    }

    /**
     * Returns whether the variable {@code NPM_CREDENTIALS_OVER_HTTP} allows credentials to be sent over plain http to
     * another machine.
     */
    boolean allowsCredentialsOverHttp() {
        return settings.variable(CREDENTIALS_OVER_HTTP)
                .filter(setting -> setting.value().equalsIgnoreCase("true"))
                .isPresent();
    }

    /**
     * Returns the values that no message may contain: credentials and proxy passwords, in the forms in which a response
     * may echo them.
     *
     * @throws IllegalArgumentException if a proxy cannot be used
     */
    Set<String> secrets() {
        Set<String> secrets = new HashSet<>(authorizations.values());
        proxies().ifPresent(proxies -> secrets.addAll(proxies.secrets()));
        return secrets;
    }

    @Override
    public String toString() {
        Map<String, String> shown = new TreeMap<>();
        registries.forEach((scope, uri) -> shown.put(scope, Redaction.uri(uri)));
        return "NpmConfig[registries=" + shown + ", credentialsFor="
                + authorizations.keySet().stream().sorted().toList() + "]";
    }
}
