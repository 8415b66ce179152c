package io.alldocs.http;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Creates the TLS context of the npm configuration: trusted authorities and client certificates. {@code cafile}, else
 * {@code ca}, replaces the JVM's authorities; the certificates of {@code NODE_EXTRA_CA_CERTS} and {@code SSL_CERT_FILE}
 * are added to the JVM's. {@code strict-ssl=false} accepts every certificate.
 */
final class Tls {

    private static final Logger LOG = System.getLogger(NpmConfig.class.getName());

    private Tls() {}

    /**
     * Returns the context for {@code settings}; empty if they contain no TLS setting.
     *
     * @throws IllegalArgumentException if a certificate or key cannot be used; the message names setting and file
     */
    static Optional<SSLContext> context(Settings settings) {
        Optional<ClientKeys> keys = ClientKeys.of(settings);
        try {
            Optional<TrustManager> trust = trust(settings);
            if (keys.isEmpty() && trust.isEmpty()) {
                return Optional.empty();
            }
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(
                    keys.map(each -> new KeyManager[] {each}).orElse(null),
                    trust.map(each -> new TrustManager[] {each}).orElse(null),
                    null);
            return Optional.of(context);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("This JVM does not support TLS with X.509 certificates.", e);
        }
    }

    /** Returns the setting that makes every certificate acceptable, including one for another host. */
    static Optional<Setting> acceptsAnyServer(Settings settings) {
        return settings.find("strict-ssl").filter(setting -> setting.value().equals("false"));
    }

    private static Optional<TrustManager> trust(Settings settings) throws GeneralSecurityException {
        Optional<Setting> lax = acceptsAnyServer(settings);
        if (lax.isPresent()) {
            LOG.log(
                    Level.WARNING,
                    "strict-ssl=false ({0}): certificates are not verified. An attacker on the network can read and"
                            + " change all requests and responses. Set cafile instead.",
                    lax.get().source());
            return Optional.of(new AnyServer());
        }
        List<X509Certificate> authorities = authorities(settings);
        return authorities.isEmpty() ? Optional.empty() : Optional.of(manager(store(authorities)));
    }

    /** Returns the authorities to trust; none for the JVM's own. */
    static List<X509Certificate> authorities(Settings settings) throws GeneralSecurityException {
        Optional<Pem> own = settings.find("cafile")
                .map(setting -> Pem.file(setting, settings.path(setting)))
                .or(() -> settings.find("ca").map(Pem::text));
        if (own.isPresent()) {
            return own.get().certificates();
        }
        List<X509Certificate> authorities = new ArrayList<>();
        for (String variable : List.of("NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE")) {
            settings.variable(variable)
                    .map(setting -> Pem.file(setting, settings.path(setting)).certificates())
                    .ifPresent(authorities::addAll);
        }
        if (!authorities.isEmpty()) {
            authorities.addAll(List.of(manager(null).getAcceptedIssuers()));
        }
        return authorities;
    }

    private static KeyStore store(List<X509Certificate> authorities) throws GeneralSecurityException {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        try {
            store.load(null, null);
        } catch (IOException e) {
            throw new GeneralSecurityException(e); // never thrown: nothing is read
        }
        for (int i = 0; i < authorities.size(); i++) {
            store.setCertificateEntry(Integer.toString(i), authorities.get(i));
        }
        return store;
    }

    /** @param authorities null for the JVM's own */
    private static X509TrustManager manager(@Nullable KeyStore authorities) throws GeneralSecurityException {
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(authorities);
        for (TrustManager each : factory.getTrustManagers()) {
            if (each instanceof X509TrustManager manager) {
                return manager;
            }
        }
        throw new GeneralSecurityException("no X509TrustManager");
    }

    /**
     * Trusts every server. Because it is an extended trust manager, it also replaces the JDK's verification of host
     * names.
     */
    private static final class AnyServer extends X509ExtendedTrustManager {
        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
