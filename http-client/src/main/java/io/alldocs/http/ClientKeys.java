package io.alldocs.http;

import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/**
 * Client certificates by host, from the settings {@code //host/path/:certfile} and {@code //host/path/:keyfile}. A
 * connection is made to a host and serves all its paths, so each host has one certificate. Immutable.
 */
final class ClientKeys extends X509ExtendedKeyManager {

    /** @param chain the client's certificate first */
    private record Identity(List<X509Certificate> chain, PrivateKey key) {}

    private final Map<String, Identity> byHost;

    private ClientKeys(Map<String, Identity> byHost) {
        this.byHost = byHost;
    }

    /**
     * Returns the certificates that {@code settings} name; empty if they name none.
     *
     * @throws IllegalArgumentException if a file cannot be used, if a certificate has no key or a key no certificate,
     *     or if a host has two
     */
    static Optional<ClientKeys> of(Settings settings) {
        Map<String, Setting> certificates = files(settings.all(), ":certfile");
        Map<String, Setting> keys = files(settings.all(), ":keyfile");
        Map<String, Identity> byHost = new HashMap<>();
        certificates.forEach((place, certificate) -> {
            Setting key = Optional.ofNullable(keys.remove(place))
                    .orElseThrow(() -> certificate.invalid("has no :keyfile for the same address"));
            List<X509Certificate> chain =
                    Pem.file(certificate, settings.path(certificate)).certificates();
            PrivateKey secret =
                    Pem.file(key, settings.path(key)).privateKey(chain.get(0).getPublicKey());
            if (byHost.put(host(place), new Identity(chain, secret)) != null) {
                throw certificate.invalid("is the second certificate for this host; only one is supported");
            }
        });
        keys.values().stream().findFirst().ifPresent(key -> {
            throw key.invalid("has no :certfile for the same address");
        });
        return byHost.isEmpty() ? Optional.empty() : Optional.of(new ClientKeys(Map.copyOf(byHost)));
    }

    private static Map<String, Setting> files(Collection<Setting> settings, String suffix) {
        Map<String, Setting> files = new HashMap<>();
        for (Setting setting : settings) {
            String name = setting.name();
            if (name.startsWith("//") && name.endsWith(suffix)) {
                files.put(NerfDart.of(name.substring(0, name.length() - suffix.length())), setting);
            }
        }
        return files;
    }

    /** Returns {@code host:port}, the form in which an engine names its peer. */
    private static String host(String place) {
        int slash = place.indexOf('/');
        String authority = slash < 0 ? place : place.substring(0, slash);
        return authority.matches(".*:\\d+") ? authority : authority + ":443";
    }

    @Override
    public @Nullable String chooseEngineClientAlias(
            String[] keyTypes, Principal @Nullable [] issuers, SSLEngine engine) {
        return alias(keyTypes, engine.getPeerHost(), engine.getPeerPort());
    }

    private @Nullable String alias(String[] keyTypes, @Nullable String peer, int port) {
        String host = String.valueOf(peer).toLowerCase(Locale.ROOT);
        String named = (host.indexOf(':') >= 0 && !host.startsWith("[") ? "[" + host + "]" : host) + ":" + port;
        Identity identity = byHost.get(Origins.isNpmRegistryHost(host) ? NerfDart.NPM_REGISTRY + ":443" : named);
        boolean fits =
                identity != null && List.of(keyTypes).contains(identity.key().getAlgorithm());
        return fits ? named : null;
    }

    @Override
    public X509Certificate @Nullable [] getCertificateChain(String alias) {
        Identity identity = byHost.get(alias);
        return identity == null ? null : identity.chain().toArray(X509Certificate[]::new);
    }

    @Override
    public @Nullable PrivateKey getPrivateKey(String alias) {
        Identity identity = byHost.get(alias);
        return identity == null ? null : identity.key();
    }

    @Override
    public String @Nullable [] getClientAliases(String keyType, Principal @Nullable [] issuers) {
        return byHost.keySet().toArray(String[]::new);
    }

    /** Clients with blocking threads use sockets; the JDK's HTTP client uses engines. */
    @Override
    public @Nullable String chooseClientAlias(
            String[] keyTypes, Principal @Nullable [] issuers, @Nullable Socket socket) {
        if (!(socket instanceof SSLSocket connection)) {
            return null;
        }
        SSLSession session = connection.getHandshakeSession();
        return session == null ? null : alias(keyTypes, session.getPeerHost(), session.getPeerPort());
    }

    /** Always null, because this is a client. */
    @Override
    public String @Nullable [] getServerAliases(String keyType, Principal @Nullable [] issuers) {
        return null;
    }

    /** Always null, because this is a client. */
    @Override
    public @Nullable String chooseServerAlias(String keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
        return null;
    }
}
