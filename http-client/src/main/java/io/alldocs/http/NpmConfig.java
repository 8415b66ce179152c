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
 * The npm configuration: registry, registries of scopes, credentials, proxies, certificates. Immutable and safe for
 * concurrent use. {@code toString()} shows registries and the places that credentials are for, never a secret.
 *
 * <p>{@link #loader} finds the sources. Files are read as npm reads them (<a
 * href="https://docs.npmjs.com/cli/v11/configuring-npm/npmrc">npmrc</a>, packages {@code ini}, {@code @npmcli/config}
 * and {@code npm-registry-fetch}):
 *
 * <ul>
 *   <li>{@code ;} and {@code #} begin a comment unless escaped with a backslash. Values may be in quotes.
 *   {@code name[]} adds an element to a list; of
 *       other lines with one name the last counts. Sections are skipped.
 *   <li>{@code ${NAME}} is replaced in names and values, {@code ${NAME?}} by nothing if the variable is not set. A
 *   {@code ${NAME}} that is not set stays as
 *       it is; a credential that still has one is ignored with a warning.
 *   <li>Credentials: {@code //host[:port]/path/:_authToken}, else {@code :_auth}, else {@code :username} with
 *   {@code :_password} (base64). The longest
 *       path that matches an address counts. Without {@code //host} in front, as npm wrote them up to version 8, they
 *       are for the {@code registry} of the same file.
 * </ul>
 *
 * <p>What is for the npm registry under one of its two host names also applies to the other.
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
     * A setting that is in force.
     *
     * @param name as npm writes it
     * @param value for people: secrets are masked, certificates shortened
     * @param source the option, variable, or file and line that it comes from; {@code default} for a default
     */
    public record InForce(String name, String value, String source) {}

    /** A configuration without any setting. */
    public static NpmConfig empty() {
        return EMPTY;
    }

    /**
     * A loader of the npm configuration.
     *
     * @param variables the environment variables; read while {@link NpmConfigLoader#load} runs
     */
    public static NpmConfigLoader loader(Map<String, String> variables) {
        return new NpmConfigLoader(variables);
    }

    /**
     * As {@link #loader}, for callers that have an environment.
     *
     * @param variables the environment variables
     * @param userFiles as {@link NpmConfigLoader#userFiles}
     * @param project as {@link NpmConfigLoader#project}, if there is one
     * @throws IllegalArgumentException as {@link NpmConfigLoader#load}
     * @throws java.io.UncheckedIOException likewise
     */
    public static NpmConfig load(Map<String, String> variables, boolean userFiles, Optional<Path> project) {
        NpmConfigLoader loader = loader(variables).userFiles(userFiles);
        project.ifPresent(loader::project);
        return loader.load();
    }

    /** The default registry, if one is set. */
    public Optional<URI> registry() {
        return Optional.ofNullable(registries.get(""));
    }

    /**
     * The registry of {@code @scope}, if one is set. Names of that scope must not be requested from any other. A scope
     * that is set in another letter case also counts, because scopes on npm have no capitals; npm itself would request
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
     * The scopes that have a registry other than {@code registry}, each with its {@code @}: their names must not be
     * requested from it. The set ignores letter case.
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
        return NerfDart.longest(uri, authorizations::get);
    }

    /** The settings that this project uses and where each comes from; defaults are included where there is one. */
    public List<InForce> settings() {
        return new SettingsInForce(settings).list();
    }

    /**
     * The proxies; empty when none is configured.
     *
     * @throws IllegalArgumentException if one cannot be used
     */
    Optional<Proxies> proxies() {
        return Proxies.of(settings);
    }

    /**
     * The TLS context; empty when nothing about TLS is configured.
     *
     * @throws IllegalArgumentException if a certificate or key cannot be used
     */
    Optional<SSLContext> sslContext() {
        return Tls.context(settings);
    }

    /** Whether {@code strict-ssl=false} is set: then a transport compares no host names either. */
    boolean acceptsAnyServer() {
        return Tls.acceptsAnyServer(settings).isPresent();
    }

    /** The transport that {@code HTTP_TRANSPORT} names; empty when it is not set. */
    Optional<String> transport() {
        return settings.variable(HttpTransports.VARIABLE).map(Setting::value);
    }

    /**
     * Whether the variable {@code NPM_CREDENTIALS_OVER_HTTP} lets credentials go over plain http to another machine.
     */
    boolean allowsCredentialsOverHttp() {
        return settings.variable(CREDENTIALS_OVER_HTTP)
                .filter(setting -> setting.value().equalsIgnoreCase("true"))
                .isPresent();
    }

    /**
     * What no message may repeat: credentials and passwords of proxies, in the forms in which an answer may echo them.
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
        return "NpmConfig[registries=" + shown + ", credentials for="
                + authorizations.keySet().stream().sorted().toList() + "]";
    }
}
